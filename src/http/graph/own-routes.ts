/** Routes of calls that are not about a page: by edge, the empty text for the node itself, and by method. */

import type { Answer } from './answer.ts';
import { failWith } from './answer.ts';
import type { Place } from './graph.ts';
import { type Method, PAGE_EDGES } from './routes.ts';

type Run<Call> = (call: Call, node: string) => Promise<Answer>;
export type OwnEdge<Call> = Readonly<Partial<Record<Method, Run<Call>>>>;
export type OwnRoutes<Call> = ReadonlyMap<string, OwnEdge<Call>>;

/** Answers a call from a table. An edge that pages have wants a Page token, and says so. */
export async function answerFrom<Call>(routes: OwnRoutes<Call>, call: Call, place: Place): Promise<Answer> {
  const { node, edge, method } = place;
  const path = edge === null ? `/${node}` : `/${node}/${edge}`;
  const found = routes.get(edge ?? '');
  if (found === undefined && PAGE_EDGES.has(edge ?? '')) return failWith('page_token_required');
  if (found === undefined) return failWith('unknown_edge', { path });
  const run = found[method];
  return run === undefined ? failWith('unknown_method', { path, method }) : run(call, node);
}

export const unknownNode = (id: string, method: string): Answer =>
  failWith('unknown_node', { id, method: method.toLowerCase() });
