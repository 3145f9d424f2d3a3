/**
 * Blanking: what is left of a thread when its texts go, by age (retention) or because the customer is to be forgotten
 * (erasure). Numbers, dates, ids, apps and causes stay, and so the history does (C14). A thread is always the fold of
 * its events, blanked or not: no text decides anything.
 */

import type { Event } from './event.ts';
import { type Act, type Outgoing, type Referral, referralOf } from './message.ts';
import type { Thread } from './thread.ts';

/** Whether an event holds anything that `blankTexts` takes away. */
export function holdsTexts(event: Event): boolean {
  switch (event.type) {
    case 'act_received':
      return actHoldsTexts(event.act);
    case 'message_sent':
    case 'survey_held': {
      const { text, attachment, quickReplies, metadata } = event.message;
      return text !== null || attachment !== null || quickReplies.length > 0 || metadata !== null;
    }
    case 'metadata_passed':
      return event.metadata !== null;
    default:
      return false;
  }
}

function actHoldsTexts(act: Act): boolean {
  const hasRef = (referralOf(act)?.ref ?? null) !== null;
  switch (act.kind) {
    case 'message':
      return hasRef || act.text !== null || act.attachments.length > 0 || act.quickReplyPayload !== null;
    case 'postback':
      return hasRef || act.title !== '' || act.payload !== null;
    case 'referral':
      return hasRef;
    case 'reaction':
      return false;
    case 'feedback':
      return act.screens !== null;
  }
}

/** Whether the thread still needs the texts of an event: those of a survey that waits go out with it. */
export const needsTexts = ({ held }: Pick<Thread, 'held'>, event: Event): boolean =>
  event.type === 'survey_held' && held.some(({ message }) => message.mid === event.message.mid);

/** Whether an event tells of something that was said, and it has been blanked: nobody is told of that any more. */
export function isBlank(event: Event): boolean {
  switch (event.type) {
    case 'act_received': {
      const { act } = event;
      if (act.kind === 'message') return act.text === null && act.attachments.length === 0;
      if (act.kind === 'feedback') return act.screens === null;
      return act.kind === 'postback' && act.title === '';
    }
    case 'message_sent':
      return event.message.text === null && event.message.attachment === null;
    case 'metadata_passed':
      return event.metadata === null;
    default:
      return false;
  }
}

/**
 * The event without what people and apps said in it: texts, attachments, quick replies, titles, payloads, the metadata
 * of messages, the `ref` of links. What was said with a change of control is a line of the history and stays.
 */
export function blankTexts(event: Event): Event {
  switch (event.type) {
    case 'act_received':
      return { ...event, act: blankAct(event.act) };
    case 'message_sent':
    case 'survey_held':
      return { ...event, message: blankMessage(event.message) };
    case 'metadata_passed':
      return { ...event, metadata: null };
    default:
      return event;
  }
}

function blankAct(act: Act): Act {
  switch (act.kind) {
    case 'message':
      return {
        ...act,
        text: null,
        attachments: [],
        quickReplyPayload: null,
        referral: blankReferral(act.referral),
      };
    case 'postback':
      return { ...act, title: '', payload: null, referral: blankReferral(act.referral) };
    case 'referral':
      return { ...act, referral: { ...act.referral, ref: null } };
    case 'reaction':
      return act;
    case 'feedback':
      return { ...act, screens: null };
  }
}

const blankReferral = (referral: Referral | null): Referral | null =>
  referral === null ? null : { ...referral, ref: null };

const blankMessage = (message: Outgoing): Outgoing => ({
  ...message,
  text: null,
  attachment: null,
  quickReplies: [],
  metadata: null,
});

/** The event without anything personal: as `blankTexts`, and without names and the metadata of control. */
export function eraseEvent(event: Event): Event {
  switch (event.type) {
    case 'control_changed':
    case 'control_requested':
      return { ...event, metadata: null };
    case 'customer_introduced':
      return { ...event, name: null };
    case 'menu_changed':
      return { ...event, menu: null };
    default:
      return blankTexts(event);
  }
}

/** The thread without anything personal: the fold of its erased events. */
export const eraseThread = (thread: Thread): Thread => ({
  ...thread,
  customer: thread.customer === null ? null : { name: null },
  requests: thread.requests.map((request) => ({ ...request, metadata: null })),
  held: thread.held.map((held) => ({ ...held, message: blankMessage(held.message) })),
  menu: null,
});
