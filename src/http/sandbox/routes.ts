/** The developer's Messenger Platform (DESIGN 5): customers, inbox, clock. These routes exist only in a sandbox. */

import type { FastifyInstance } from 'fastify';
import { historyOf } from '../../protocol/history.ts';
import { readEvents } from '../../runtime/report.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { addClock, type SandboxTime } from './clock.ts';
import { addCustomers } from './customers.ts';
import { addFeedback } from './feedback.ts';
import { addInbox } from './inbox.ts';
import { addTaps } from './taps.ts';
import { threadOf } from './threads.ts';

export function addSandbox(app: FastifyInstance, runtime: Runtime, time: SandboxTime): void {
  addClock(app, runtime, time);
  addCustomers(app, runtime);
  addTaps(app, runtime);
  addFeedback(app, runtime);
  addInbox(app, runtime);

  app.get('/sandbox/pages/:page/threads/:psid/history', async (request) => {
    const events = await readEvents(runtime.store, threadOf(runtime, request));
    const history = historyOf(events).map((line) => ({
      seq: line.seq,
      at: line.at,
      cause: line.cause,
      actor_app_id: line.actor,
      previous_owner_app_id: line.previous,
      new_owner_app_id: line.next,
      metadata: line.metadata,
    }));
    return { history };
  });
}
