/** [S3] The customer answers a survey. */

import type { FastifyInstance } from 'fastify';
import type { Act } from '../../protocol/message.ts';
import { DAY_MS } from '../../protocol/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { readAnswers } from '../../wire/survey-answers.ts';
import { daysOf, isSurvey } from '../../wire/surveys.ts';
import { fail, readBody } from './body.ts';
import { readSent } from './customers.ts';
import { carryOut, threadOf } from './threads.ts';

export function addFeedback(app: FastifyInstance, runtime: Runtime): void {
  app.post('/sandbox/pages/:page/customers/:psid/feedback', async (request) => {
    const key = threadOf(runtime, request);
    const body = readBody(request, ['mid', 'answers']);
    const { mid, maker, attachment, deliveredAt } = await readSent(runtime, key, body);
    const survey =
      attachment?.type === 'template' && isSurvey(attachment.payload) ? attachment.payload : null;
    if (survey === null) return fail('mid', `Message ${mid} is not a survey`);
    const screens = readAnswers(survey, body['answers']);
    if (!screens.ok) return fail(screens.problem.parameter, screens.problem.message);
    const act: Act = { kind: 'feedback', mid, maker, screens: screens.value };
    // [S2] Its days run from when it was delivered, however long it was held.
    await carryOut(runtime, key, { type: 'receive', act, until: deliveredAt + daysOf(survey) * DAY_MS });
    return { success: true };
  });
}
