/** The core: a page, a thread, a command and an instant give the events that follow, or a refusal. */

import { assertNever } from './assert.ts';
import type { Command } from './command.ts';
import type { Recorded } from './event.ts';
import { dueFacts } from './expire.ts';
import { extend } from './extend.ts';
import type { AppId } from './ids.ts';
import { inboxMove, inboxReply } from './inbox.ts';
import { inboxOf, type Page } from './page.ts';
import { pass, passMetadata } from './pass.ts';
import { receive } from './receive.ts';
import { record } from './record.ts';
import type { Refusal } from './refusal.ts';
import { release } from './release.ts';
import { request } from './request.ts';
import { callerProblem, type Outcome, refuse, type Scene, sceneOf } from './scene.ts';
import { send, signal } from './send.ts';
import { take } from './take.ts';
import type { Thread } from './thread.ts';
import type { Instant } from './time.ts';

export type Decision =
  /** The events in order, audience included, and the thread after them. Both unchanged when nothing happens. */
  | { readonly ok: true; readonly thread: Thread; readonly events: readonly Recorded[] }
  /** [C13] Nothing has changed. */
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Decides a command. Settles first what is due (an expiry at its instant, I3), then carries the command out.
 * Total and deterministic; `now` before the thread's last event counts as the instant of that event.
 */
export function decide(page: Page, thread: Thread, command: Command, now: Instant): Decision {
  const at = Math.max(now, thread.lastEventAt);
  const settled = record(page, { thread, events: [] }, dueFacts(page, thread, at));
  const scene = sceneOf(page, settled.thread, at);
  const outcome = carryOut(scene, command);
  if ('refused' in outcome) {
    return { ok: false, refusal: refuse(scene, outcome.refused, speakerOf(page, command)) };
  }
  const facts = outcome.events.map((event) => ({ at, event }));
  return { ok: true, ...record(page, settled, facts) };
}

function carryOut(scene: Scene, command: Command): Outcome {
  const speaker = speakerOf(scene.page, command);
  const problem = speaker === null ? null : callerProblem(scene, speaker);
  if (problem !== null) return { refused: problem };
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
    case 'receive':
      return receive(scene, command);
    case 'read':
      if (scene.thread.customer === null) return { refused: 'unknown_customer' };
      return { events: [{ type: 'messages_read' }] };
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
