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
  stale_epoch: {
    title: 'Control has moved',
    why: 'The call was made for an earlier state of control, and nothing was done.',
  },
  controlled_by_another: {
    title: 'Another app has control',
    why: 'Nothing was sent: only the app that has control may write to the customer.',
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
  const itself = control.owner === caller ? ', which is the caller,' : '';
  return `${control.ownerName} (app ${control.owner})${itself} has control until ${until}.`;
}

function adviceOf({ reason, allowed }: Refusal, { caller, callerName }: RefusedCall): string | null {
  const open = allowed.filter((call) => !(reason === 'outside_window' && call === 'send'));
  const advice = open.flatMap((call) => ADVICE[call] ?? []);
  const last = advice.pop();
  if (last === undefined) return null;
  const all = advice.length === 0 ? last : `${advice.join(', ')}, or ${last}`;
  return `${callerName} (app ${caller}) may ${all}.`;
}
