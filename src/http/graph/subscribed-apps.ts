/** [W1] `/{page}/subscribed_apps`: an app chooses its fields for a page, or leaves it (C17). */

import { isFieldOf } from '../../protocol/fields.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { subscribed, unsubscribed } from '../../runtime/subscribing.ts';
import { renderSuccess } from '../../wire/answers.ts';
import { readList } from '../../wire/fields.ts';
import { failed, type Read, read } from '../../wire/problem.ts';
import { answerWith, failFor } from './answer.ts';
import { type GraphCall, METADATA_TASKS, type Route } from './call.ts';
import { changeAs } from './change-as.ts';

/** Subscribes the calling app; without fields those it has are kept, or the messaging webhooks to begin with. */
export const subscribeApp: Route = {
  tasks: METADATA_TASKS,
  connected: false,
  permission: 'pages_manage_metadata',
  async run(call) {
    const fields = readFields(call);
    if (!fields.ok) return failFor(fields.problem);
    // [A2] A new connection is allowed what the person allowed; what was taken away since stays so.
    const wanted = { fields: fields.value, permissions: call.caller.token.scopes };
    await changeAs(call, (config) => subscribed(config, placeOf(call), wanted));
    return answerWith(renderSuccess());
  },
};

export const unsubscribeApp: Route = {
  tasks: METADATA_TASKS,
  connected: false,
  permission: 'pages_manage_metadata',
  async run(call) {
    await changeAs(call, (config) => unsubscribed(config, placeOf(call)));
    return answerWith(renderSuccess());
  },
};

export const listSubscribedApps: Route = {
  tasks: ['CREATE_CONTENT', 'MANAGE', 'MODERATE'],
  connected: false,
  async run({ runtime, caller }) {
    const { connections, apps } = runtime.configuration.current();
    const data = connections.flatMap(({ page, app, subscribed, fields }): JsonObject[] => {
      if (page !== caller.page.id || !subscribed) return [];
      const name = apps.find(({ id }) => id === app)?.name ?? app;
      return [{ category: 'Business', link: '', name, id: app, subscribed_fields: fields }];
    });
    return answerWith({ data });
  },
};

const placeOf = ({ caller }: GraphCall) => ({ page: caller.page.id, app: caller.app.id });

function readFields({ parameters, caller }: GraphCall): Read<readonly string[] | null> {
  const { platform } = caller.page;
  const list = readList(parameters, 'subscribed_fields');
  if (!list.ok || list.value === null) return list;
  const unknown = list.value.find((field) => !isFieldOf(platform, field));
  if (unknown === undefined) return read([...new Set(list.value)]);
  const kind = platform === 'instagram' ? 'an Instagram account' : 'a page';
  return failed('subscribed_fields', `holds ${JSON.stringify(unknown)}, which is not a field of ${kind}`);
}
