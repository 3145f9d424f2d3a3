/** [I3, C17] What is due on a thread and has no line in its history yet. */

import type { Event } from './event.ts';
import { lostAt, type Page } from './page.ts';
import type { Fact } from './record.ts';
import { controlAt, type Thread } from './thread.ts';
import type { Instant } from './time.ts';

/** The facts that time and disconnections have brought about by `now`, each dated with its own instant. */
export function dueFacts(page: Page, thread: Thread, now: Instant): readonly Fact[] {
  const control = controlAt(page, thread, now);
  if (control !== null && 'cause' in control) {
    const ended: Event = {
      type: 'control_changed',
      cause: control.cause,
      actor: null,
      previous: control.owner,
      next: null,
      connection: 0,
      metadata: null,
    };
    return [{ at: control.at, event: ended }];
  }
  return thread.requests.flatMap((request) => {
    const at = lostAt(page, request.app, request.connection, thread.psid);
    return at === null ? [] : [{ at, event: { type: 'request_dropped', app: request.app } as const }];
  });
}
