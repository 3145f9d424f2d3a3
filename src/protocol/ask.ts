/** Questions: they change nothing and prolong nothing (C11, K2). */

import type { AppId } from './ids.ts';
import { inboxOf, type Page } from './page.ts';
import { PAGE_PERMISSIONS } from './permissions.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import { callerProblem, denied, nameOf, refuse, sceneOf } from './scene.ts';
import { type Control, type ControlRequest, openRequests, type Thread } from './thread.ts';
import type { Instant } from './time.ts';

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

/** Who asks of which thread, and when. */
export type Question = {
  readonly page: Page;
  readonly thread: Thread;
  readonly caller: AppId;
  readonly now: Instant;
};

/** [C11] Any connected app may ask who controls a thread and until when; null: it is idle. */
export const askOwner = (question: Question): Answer<Control | null> =>
  answer(question, 'thread_owner', (scene) => scene.control);

/** [K4] The owner and the primary receiver read the queue. */
export const askRequests = (question: Question): Answer<readonly ControlRequest[]> =>
  answer(question, 'thread_requests', ({ page, thread, now }) => openRequests(page, thread, now));

function answer<Value>(
  question: Question,
  call: 'thread_owner' | 'thread_requests',
  read: (scene: ReturnType<typeof sceneOf>) => Value,
): Answer<Value> {
  const { page, thread, caller } = question;
  const scene = sceneOf(page, thread, Math.max(question.now, thread.lastEventAt));
  const problem: RefusalReason | null =
    callerProblem(scene, caller) ?? denied(scene, call, { caller, controlEpoch: null });
  if (problem !== null) return { ok: false, refusal: refuse(scene, problem, caller) };
  return { ok: true, value: read(scene) };
}

/** [P7] The primary receiver reads every other connected app, the inbox last. */
export function askSecondaryReceivers(
  page: Page,
  caller: AppId,
): Answer<readonly { readonly app: AppId; readonly name: string }[]> {
  const refusal = (reason: RefusalReason): Answer<never> => ({
    ok: false,
    refusal: { reason, control: null, allowed: [], epoch: 0 },
  });
  const connected = page.connections.filter((each) => each.subscribed);
  if (!connected.some(({ app }) => app === caller)) return refusal('caller_not_connected');
  const standing = page.primaryReceiver === caller ? 'primary' : 'other';
  const verdict = PAGE_PERMISSIONS[page.mode].secondary_receivers[standing];
  if (verdict !== 'yes') return refusal(verdict === 'human_agent' ? 'not_primary_receiver' : verdict);
  const others = connected.map(({ app }) => app).filter((app) => app !== caller);
  return { ok: true, value: [...others, inboxOf(page)].map((app) => ({ app, name: nameOf(page, app) })) };
}
