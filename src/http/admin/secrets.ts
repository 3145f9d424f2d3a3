/** What of an app is shown once or decided: another secret, and App Review (A3, A4). */

import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import { decideReview } from '../../runtime/review.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { MAX_GRACE_MS, newSecret, rotateSecret } from '../../runtime/secrets.ts';
import { ALL_FEATURES } from '../../store/config.ts';
import { fail, integerAt, readBody, textAt } from '../sandbox/body.ts';
import { changeApp } from './apps.ts';
import { appIn, appNamed, MAX_OPERATOR_TEXT } from './read.ts';
import { renderApp } from './render-app.ts';

export function addSecrets(
  app: FastifyInstance,
  runtime: Runtime,
  preHandler: preHandlerAsyncHookHandler,
): void {
  app.post('/admin/apps/:app/rotate_secret', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const graceMs = integerAt(readBody(request, ['grace_ms']), 'grace_ms', 0, MAX_GRACE_MS);
    const secret = newSecret();
    await changeApp(runtime, id, (value) =>
      rotateSecret(value, { secret, now: runtime.clock.now(), graceMs }),
    );
    return { ...renderApp(runtime, appNamed(runtime, id)), secret };
  });

  app.post('/admin/apps/:app/reviews', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const body = readBody(request, ['feature', 'granted', 'reason']);
    const feature = ALL_FEATURES.find((each) => each === body['feature']);
    const { granted } = body;
    if (feature === undefined) return fail('feature', `feature must be one of ${ALL_FEATURES.join(', ')}`);
    if (typeof granted !== 'boolean') return fail('granted', 'granted must be true or false');
    const reason = textAt(body, 'reason', MAX_OPERATOR_TEXT) ?? '';
    await decideReview(runtime, { app: id, feature, granted, reason });
    return renderApp(runtime, appNamed(runtime, id));
  });
}
