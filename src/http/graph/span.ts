/** A Graph call as traces show it. */

import type { FastifyRequest } from 'fastify';
import { readTraceContext, type SpanStart, type Traces } from '../../observe/spans.ts';
import type { Answer } from './answer.ts';
import type { RawCall } from './call.ts';
import { OPEN_ROUTES } from './open-routes.ts';
import { readPath, splitOnce } from './path.ts';
import { EDGES } from './tables.ts';

/** A call, or an item of a batch, and the headers of the request that it came in. */
export type TracedCall = {
  readonly call: Pick<RawCall, 'method' | 'url'>;
  readonly headers: FastifyRequest['headers'];
};

/** An answer inside the span of its call, which goes on from the caller's trace where that is told. */
export function answerWithin(
  traces: Traces,
  traced: TracedCall,
  answerCall: () => Answer | Promise<Answer>,
): Promise<Answer> {
  return traces.within(spanOf(traced), async () => {
    const answer = await answerCall();
    const status = answer.ok ? 200 : answer.error.status;
    traces.note({ 'http.response.status_code': status }, status >= 500 ? String(status) : null);
    return answer;
  });
}

/** As conventions have it. */
const OTHER_METHOD = '_OTHER';
const METHODS: readonly string[] = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'];

function spanOf({ call, headers }: TracedCall): SpanStart {
  const { url } = call;
  // That of an item may be any text.
  const method = METHODS.includes(call.method) ? call.method : OTHER_METHOD;
  const { name, route } = placeOf(readPath(splitOnce(url, '?')[0]) ?? []);
  return {
    name: name === null ? method : `${method} ${name}`,
    kind: 'call',
    from: readTraceContext(headers),
    fields: { 'http.request.method': method, 'http.route': route },
  };
}

/** The edge or path that is called; null: a node, or a path that leads nowhere. */
function placeOf(segments: readonly string[]): { readonly name: string | null; readonly route: string } {
  const path = segments.join('/');
  if (OPEN_ROUTES.has(path)) return { name: path, route: `/${path}` };
  const [, edge = ''] = segments;
  const holder = EDGES.get(edge)?.holder;
  return holder === undefined
    ? { name: null, route: '/{node}' }
    : { name: edge, route: `/{${holder}}/${edge}` };
}
