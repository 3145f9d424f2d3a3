/** Apps as nodes: what an app is called, for its own tokens and for the other apps of a page. */

import type { AppRecord } from '../../store/config.ts';
import type { Answer } from './answer.ts';
import type { GraphCall, Route } from './call.ts';
import { choose } from './nodes.ts';

/** Whether a Page token's holder may learn of an app: it is connected to the page, or its own. */
export const isAppNode = ({ caller }: GraphCall, node: string): boolean =>
  node === caller.app.id || caller.page.connections.some(({ app, subscribed }) => app === node && subscribed);

export const showApp = (
  call: Pick<GraphCall, 'parameters'>,
  { id, name }: Pick<AppRecord, 'id' | 'name'>,
): Answer => choose(call, { id, name });

/** `GET /{app}` with a Page token. */
export const readAppNode: Route = {
  tasks: [],
  connected: false,
  async run(call, node) {
    const { page, app } = call.caller;
    const found = page.connections.find((each) => each.app === node);
    return showApp(call, found === undefined || node === app.id ? app : { id: found.app, name: found.name });
  },
};
