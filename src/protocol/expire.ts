/** [I3, I4, C17, S4] What is due on a thread and has no event yet. */

import type { Event } from './event.ts';
import type { Page } from './page.ts';
import { type Fact, record, type Story } from './record.ts';
import { outOfHold, voidSurvey } from './survey.ts';
import { controlAt, requestDroppedAt, type Thread } from './thread.ts';
import type { Instant } from './time.ts';

/** The story with everything that is due by `now`: the earliest first, each dated with its own instant. */
export function settle(page: Page, story: Story, now: Instant): Story {
  let settled = story;
  for (
    let fact = dueFact(page, story.thread, now);
    fact !== null;
    fact = dueFact(page, settled.thread, now)
  ) {
    settled = record(page, settled, [fact]);
  }
  return settled;
}

/** The next fact that time, disconnections and idleness have brought about by `now`; null when nothing is due. */
export function dueFact(page: Page, thread: Thread, now: Instant): Fact | null {
  const [held] = thread.held;
  if (thread.lease === null) {
    // [S4] In the step that has made the thread idle, and so before anything else.
    return held === undefined ? null : { at: thread.lastEventAt, event: outOfHold(page, thread, held) };
  }
  const due = [endOfControl(page, thread, now), voidSurvey(page, thread, now), droppedRequest(page, thread)];
  return due.reduce((first, each) =>
    each !== null && (first === null || each.at < first.at) ? each : first,
  );
}

function endOfControl(page: Page, thread: Thread, now: Instant): Fact | null {
  const control = controlAt(page, thread, now);
  if (control === null || !('cause' in control)) return null;
  const event: Event = {
    type: 'control_changed',
    cause: control.cause,
    actor: null,
    previous: control.owner,
    next: null,
    connection: 0,
    metadata: null,
  };
  return { at: control.at, event };
}

function droppedRequest(page: Page, thread: Thread): Fact | null {
  for (const request of thread.requests) {
    const at = requestDroppedAt(page, thread.psid, request);
    if (at !== null) return { at, event: { type: 'request_dropped', app: request.app } };
  }
  return null;
}
