/** Tells of every request that is answered, by the kind of its route. */

import type { FastifyInstance } from 'fastify';
import type { Observer, RouteKind } from '../observe/observer.ts';

const PREFIXES: readonly (readonly [string, RouteKind])[] = [
  ['/sandbox/', 'sandbox'],
  ['/admin', 'admin'],
  ['/healthz', 'health'],
  ['/readyz', 'health'],
  ['/metrics', 'metrics'],
  ['/docs', 'docs'],
  ['/attachments/', 'files'],
  ['/dialog/', 'dialog'],
];

const VERSIONED_DIALOG = /^\/v[\d.]+\/dialog\//;

/** While the answer is sent: to wait for its end would cost each request another listener. */
export function tellOfRequests(app: FastifyInstance, observer: Pick<Observer, 'request'>): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    observer.request({ route: kindOf(request.url), status: reply.statusCode });
    done();
  });
}

/** Whatever is nothing else is the Graph's. */
export function kindOf(url: string): RouteKind {
  for (const [prefix, kind] of PREFIXES) if (url.startsWith(prefix)) return kind;
  return VERSIONED_DIALOG.test(url) ? 'dialog' : 'graph';
}
