/** Every edge of the Graph, whichever kind of token it wants: for those who tell of calls. */

import { USER_APP_ROUTES, USER_ROUTES } from './accounts.ts';
import { APP_ROUTES } from './app-nodes.ts';
import { CONVERSATION_EDGES, PAGE_EDGES } from './routes.ts';

/** What an edge hangs on, and the methods that it takes. */
export type EdgeTold = { readonly holder: 'page' | 'person' | 'app'; readonly methods: readonly string[] };

const TABLES: readonly (readonly [EdgeTold['holder'], ReadonlyMap<string, object>])[] = [
  ['page', PAGE_EDGES],
  // `messages`, as pages have it.
  ['page', CONVERSATION_EDGES],
  ['person', USER_ROUTES],
  ['app', USER_APP_ROUTES],
  ['app', APP_ROUTES],
];

export const EDGES: ReadonlyMap<string, EdgeTold> = collect();

function collect(): ReadonlyMap<string, EdgeTold> {
  const edges = new Map<string, EdgeTold>();
  for (const [holder, table] of TABLES) {
    for (const [edge, routes] of table) {
      // The node itself.
      if (edge === '') continue;
      const known = edges.get(edge) ?? { holder, methods: [] };
      edges.set(edge, { ...known, methods: [...new Set([...known.methods, ...Object.keys(routes)])] });
    }
  }
  return edges;
}
