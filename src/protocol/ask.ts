/** Questions: they change nothing and prolong nothing (C11, K2). */

import type { AppId } from './ids.ts';
import { inboxOf, type Page } from './page.ts';
import { type PageCallName, pageVerdictOf } from './permissions.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import { callerProblem, denied, nameOf, refuse, sceneOf, verdictFor } from './scene.ts';
import { type ControlRequest, openRequests, type Thread } from './thread.ts';
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

/** [C11, R6] Who controls a thread, as far as the asker may know it, and until when. */
export type OwnerShown = { readonly owner: AppId | null; readonly until: Instant };

/** [C11, R6] Any connected app may ask who controls a thread and until when; null: it is idle. */
export const askOwner = (question: Question): Answer<OwnerShown | null> =>
  answer(question, 'thread_owner', (scene) => {
    if (scene.control === null) return null;
    const isNamed = verdictFor(scene, 'thread_owner', question.caller) === 'yes';
    return { owner: isNamed ? scene.control.owner : null, until: scene.control.until };
  });

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
  const refusal = refusedOnPage(page, 'secondary_receivers', caller);
  if (refusal !== null) return { ok: false, refusal };
  const connected = page.connections.filter((each) => each.subscribed);
  const others = connected.map(({ app }) => app).filter((app) => app !== caller);
  return { ok: true, value: [...others, inboxOf(page)].map((app) => ({ app, name: nameOf(page, app) })) };
}

/** [P7, M1, M2, R4] Why an app may not make a call that concerns the page and no thread; null when it may. */
export function refusedOnPage(page: Page, call: PageCallName, caller: AppId): Refusal | null {
  const refusal = (reason: RefusalReason): Refusal => ({ reason, control: null, allowed: [], epoch: 0 });
  const isConnected = page.connections.some(({ app, subscribed }) => app === caller && subscribed);
  if (!isConnected) return refusal('caller_not_connected');
  const verdict = pageVerdictOf(page, call, caller);
  switch (verdict) {
    case 'yes':
      return null;
    case 'human_agent':
    case 'take_right':
    case 'hold':
    case 'unnamed':
      throw new Error(`${verdict} is no verdict of a page call`);
    default:
      return refusal(verdict);
  }
}
