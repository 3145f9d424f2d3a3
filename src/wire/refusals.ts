/** [C13] A refusal in words: why, who has control and until when, and what the caller may do instead. */

import type { AppId } from '../protocol/ids.ts';
import type { Platform } from '../protocol/page.ts';
import type { CallName } from '../protocol/permissions.ts';
import type { Refusal, RefusalReason } from '../protocol/refusal.ts';
import { type ErrorName, type GraphError, graphError } from './errors.ts';

/** Who was refused, and where. */
export type RefusedCall = {
  readonly caller: AppId;
  readonly callerName: string;
  readonly platform: Platform;
};

type Words = { readonly title: string; readonly why: string };

const WORDS: Readonly<Record<RefusalReason, Words>> = {
  caller_not_connected: {
    title: 'The app is not connected',
    why: 'The app must first be subscribed to the page, with POST subscribed_apps.',
  },
  unknown_customer: {
    title: 'Unknown customer',
    why: 'The page knows no customer with this id. An id is good for one page only.',
  },
  caller_without_role: {
    title: 'The app may not reach this customer',
    why: 'Without advanced access to pages_messaging the app reaches only customers who have a role on it.',
  },
  target_required: {
    title: 'No app to pass control to',
    why: 'Name the app that is to get control in target_app_id.',
  },
  target_not_connected: {
    title: 'The target cannot get this conversation',
    why: 'The app in target_app_id is not connected to the page, or may not reach this customer.',
  },
  target_is_caller: {
    title: 'The target is the caller',
    why: 'Metadata goes to another app: name that one in target_app_id.',
  },
  persona_of_another_app: {
    title: 'Not a persona of this app',
    why: 'An app speaks only under the personas that it made itself.',
  },
  not_available: {
    title: 'Not a call of this mode',
    why: 'The page is under Conversation Routing, which knows no such call.',
  },
  thread_control_not_available: {
    title: 'A message cannot move control here',
    why: 'Nothing was sent: thread_control is for pages under Conversation Routing, and this one is in handover mode.',
  },
  nothing_to_tap: {
    title: 'Nothing there to tap',
    why: 'The customer sees no such item.',
  },
  survey_expired: {
    title: 'The survey is over',
    why: 'It could be answered for expires_in_days after it was delivered.',
  },
  not_default_app: {
    title: 'Not the default app',
    why: 'Nothing was sent: while nobody has control, only the default app of the page may write to the customer.',
  },
  take_not_given: {
    title: 'The app may not take control',
    why: 'The page has not given the app "take control of conversations".',
  },
  too_many_surveys: {
    title: 'Too many surveys wait',
    why: 'As many surveys are held on this conversation as can be; they go out when nobody has control of it.',
  },
  stale_epoch: {
    title: 'Control has moved',
    why: 'The call was made for an earlier state of control, and nothing was done.',
  },
  controlled_by_another: {
    title: 'Another app has control',
    why: 'Nothing was sent: only the app that has control may write to the customer.',
  },
  menu_of_another: {
    title: 'Another app has control',
    why: 'The menu stays as it was: only the app that has control may set or delete it.',
  },
  not_owner: {
    title: 'Not the owner of the conversation',
    why: 'This call is not open to the app as the conversation stands now.',
  },
  already_owner: {
    title: 'The app has control already',
    why: 'There is nothing to get. To keep control longer, use extend_thread_control.',
  },
  target_is_owner: {
    title: 'The target has control already',
    why: 'The app in target_app_id has what it was to be given.',
  },
  not_primary_receiver: {
    title: 'For the primary receiver only',
    why: 'Only the primary receiver of the page may read the list of the others.',
  },
  profile_of_lead: {
    title: 'The profile is not the app’s to set',
    why: 'While the page has an app that answers first, only that one sets or deletes its menu, Get Started and ice breakers.',
  },
  outside_window: {
    title: 'Too long after the last word of the customer',
    why: 'A message may be sent for 24 hours after the customer last acted; tagged HUMAN_AGENT, by an app with the Human Agent feature, for 7 days.',
  },
};

/** What a caller can do about a refusal; reading who has control is none, the refusal says it. */
const ADVICE: Readonly<Partial<Record<CallName, string>>> = {
  send: 'write to the customer with messages',
  pass: 'pass control on with pass_thread_control',
  take: 'take control with take_thread_control',
  request: 'ask for control with request_thread_control',
  release: 'give control up with release_thread_control',
  extend: 'keep control longer with extend_thread_control',
  pass_metadata: 'tell another app something with pass_thread_metadata',
};

/** [C13] The error of a refused call. Without `refusal.control` nothing is said of an owner. */
export function refusalError(refusal: Refusal, call: RefusedCall): GraphError {
  const { title, why } = WORDS[refusal.reason];
  const sentences = [why, epochOf(refusal), ownerOf(refusal, call), adviceOf(refusal, call)];
  return {
    ...graphError(errorOf(refusal.reason, call.platform)),
    userTitle: title,
    userMsg: sentences.filter((sentence) => sentence !== null).join(' '),
  };
}

const errorOf = (reason: RefusalReason, platform: Platform): ErrorName =>
  reason === 'unknown_customer' && platform === 'instagram' ? 'unknown_instagram_customer' : reason;

const epochOf = ({ reason, epoch }: Refusal): string | null =>
  reason === 'stale_epoch' ? `The control_epoch is now ${epoch}.` : null;

/** Of an idle thread only callers that may know of it are told so: `allowed` is empty for the others. */
function ownerOf({ control, allowed }: Refusal, { caller }: RefusedCall): string | null {
  if (control === null) return allowed.length === 0 ? null : 'Nobody has control of the conversation now.';
  const until = new Date(control.until).toISOString();
  if (control.owner === null) return `Another app has control until ${until}.`;
  const { app, name } = control.owner;
  const itself = app === caller ? ', which is the caller,' : '';
  return `${name} (app ${app})${itself} has control until ${until}.`;
}

function adviceOf({ reason, allowed }: Refusal, { caller, callerName }: RefusedCall): string | null {
  const open = allowed.filter((call) => !(reason === 'outside_window' && call === 'send'));
  const advice = open.flatMap((call) => ADVICE[call] ?? []);
  const last = advice.pop();
  if (last === undefined) return null;
  const all = advice.length === 0 ? last : `${advice.join(', ')}, or ${last}`;
  return `${callerName} (app ${caller}) may ${all}.`;
}
