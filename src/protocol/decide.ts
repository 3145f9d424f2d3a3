/** The core: a page, a thread, a command and an instant give the events that follow, or a refusal. */

import { assertNever } from './assert.ts';
import type { AfterSend, Command, Send, Signal } from './command.ts';
import type { Recorded } from './event.ts';
import { settle } from './expire.ts';
import { extend } from './extend.ts';
import type { AppId } from './ids.ts';
import { inboxMove, inboxReply } from './inbox.ts';
import { TRAITS } from './modes.ts';
import { inboxOf, type Page } from './page.ts';
import { pass, passMetadata } from './pass.ts';
import { receive, tap } from './receive.ts';
import { record, type Story } from './record.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import { release } from './release.ts';
import { request } from './request.ts';
import { callerProblem, type Outcome, refuse, type Scene, sceneOf } from './scene.ts';
import { isForItself, send, signal } from './send.ts';
import { setMenu } from './set-menu.ts';
import { take } from './take.ts';
import type { Thread } from './thread.ts';
import type { Instant } from './time.ts';

export type Decision =
  /** The events in order, audience included, and the thread after them. Both unchanged when nothing happens. */
  | { readonly ok: true; readonly thread: Thread; readonly events: readonly Recorded[] }
  /** [C13] Nothing has changed. */
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Decides a command. Settles first what is due (an expiry at its instant, I3), then carries the command out, then
 * settles what comes of the thread's being idle (S4). Total and deterministic; `now` before the thread's last event
 * counts as the instant of that event.
 */
export function decide(page: Page, thread: Thread, command: Command, now: Instant): Decision {
  const at = Math.max(now, thread.lastEventAt);
  const settled = settle(page, { thread, events: [] }, at);
  const scene = sceneOf(page, settled.thread, at);
  const done = follow(settled, scene, carryOut(scene, command));
  const story = 'refused' in done ? done : moveControl(scene, command, done);
  if ('refused' in story) {
    return { ok: false, refusal: refuse(scene, story.refused, speakerOf(page, command)) };
  }
  return { ok: true, ...settle(page, story, at) };
}

type Refused = { readonly refused: RefusalReason };

/** The story with what a rule has answered. */
function follow(story: Story, { page, now }: Scene, outcome: Outcome): Story | Refused {
  if ('refused' in outcome) return outcome;
  return record(
    page,
    story,
    outcome.events.map((event) => ({ at: now, event })),
  );
}

/**
 * [R5] What a send does to control once the message is out; when that is refused, so is the send. [R11] A send that has
 * taken control for its sender, and passes it to the same, is through: the take bears the metadata of the pass.
 */
function moveControl(scene: Scene, command: Command, sent: Story): Story | Refused {
  if ((command.type !== 'send' && command.type !== 'signal') || command.control === null) return sent;
  const after = sceneOf(scene.page, sent.thread, scene.now);
  const hasTaken = scene.control?.owner !== command.caller && after.control?.owner === command.caller;
  if (hasTaken && isForItself(after, command)) return sent;
  return follow(sent, after, afterSend(after, command, command.control));
}

function afterSend(scene: Scene, { caller }: Send | Signal, then: AfterSend): Outcome {
  // The epoch that the caller named was that before the send (R11).
  const call = { caller, controlEpoch: null, metadata: then.metadata };
  return then.type === 'pass' ? pass(scene, { ...call, target: then.target }) : release(scene, call);
}

function carryOut(scene: Scene, command: Command): Outcome {
  const speaker = speakerOf(scene.page, command);
  const problem = speaker === null ? null : callerProblem(scene, speaker);
  if (problem !== null) return { refused: problem };
  if (movesControl(command) && !TRAITS[scene.page.mode].sendsMoveControl) {
    return { refused: 'thread_control_not_available' };
  }
  switch (command.type) {
    case 'pass':
      return pass(scene, command);
    case 'take':
      return take(scene, command);
    case 'request':
      return request(scene, command);
    case 'release':
      return release(scene, command);
    case 'extend':
      return extend(scene, command);
    case 'pass_metadata':
      return passMetadata(scene, command);
    case 'send':
      return send(scene, command);
    case 'signal':
      return signal(scene, command);
    case 'set_menu':
      return setMenu(scene, command);
    case 'receive':
      return receive(scene, command);
    case 'tap':
      return tap(scene, command);
    case 'read':
    case 'delivered':
      return receipt(scene.thread, command.type === 'read' ? 'messages_read' : 'messages_delivered');
    case 'inbox_reply':
      return inboxReply(scene, command);
    case 'inbox_move':
      return inboxMove(scene, command);
    case 'introduce':
      return introduce(scene.thread, command.name);
    case 'tick':
      return { events: [] };
    default:
      return assertNever(command);
  }
}

const movesControl = (command: Command): boolean =>
  (command.type === 'send' || command.type === 'signal') && command.control !== null;

/** What has reached the customer, or has been read by them: everything so far. */
function receipt(thread: Thread, type: 'messages_read' | 'messages_delivered'): Outcome {
  if (thread.customer === null) return { refused: 'unknown_customer' };
  return { events: [{ type, mid: thread.lastSentMid }] };
}

/** A name that is known already is no news, and no name never replaces one. */
function introduce(thread: Thread, name: string | null): Outcome {
  const known = thread.customer !== null && (name === null || name === thread.customer.name);
  return { events: known ? [] : [{ type: 'customer_introduced', name }] };
}

/** Who must be allowed to speak for the command; null for the customer and for time. */
function speakerOf(page: Page, command: Command): AppId | null {
  if ('caller' in command) return command.caller;
  return command.type === 'inbox_reply' || command.type === 'inbox_move' ? inboxOf(page) : null;
}
