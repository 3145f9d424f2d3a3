/** [W1] `/{page}/subscribed_apps`: an app chooses its fields for a page, or leaves it (C17). */

import { isFieldOf } from '../../protocol/fields.ts';
import type { AppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { type Config, type ConfigRow, type ConnectionRecord, NEW_CONNECTION } from '../../store/config.ts';
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
    await putConnection(call, (known) => ({
      subscribed: true,
      fields: fields.value ?? (known === undefined ? DEFAULT_FIELDS : known.fields),
    }));
    return answerWith(renderSuccess());
  },
};

export const unsubscribeApp: Route = {
  tasks: METADATA_TASKS,
  connected: false,
  permission: 'pages_manage_metadata',
  async run(call) {
    await putConnection(call, (known) => ({ subscribed: false, fields: known?.fields ?? [] }));
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

const DEFAULT_FIELDS: readonly string[] = ['messages', 'messaging_postbacks'];

function readFields({ parameters, caller }: GraphCall): Read<readonly string[] | null> {
  const { platform } = caller.page;
  const list = readList(parameters, 'subscribed_fields');
  if (!list.ok || list.value === null) return list;
  const unknown = list.value.find((field) => !isFieldOf(platform, field));
  if (unknown === undefined) return read([...new Set(list.value)]);
  const kind = platform === 'instagram' ? 'an Instagram account' : 'a page';
  return failed('subscribed_fields', `holds ${JSON.stringify(unknown)}, which is not a field of ${kind}`);
}

/** [W8] Subscribing again is how an app comes back whose webhooks were switched off. */
const switchedOn = (config: Config, app: AppId): readonly ConfigRow[] =>
  config.webhooks
    .filter((webhook) => webhook.app === app && webhook.switchedOffAt !== null)
    .map((webhook) => ({
      kind: 'webhook',
      value: { ...webhook, switchedOffAt: null, warnedAt: null },
    }));

async function putConnection(
  call: GraphCall,
  next: (known: ConnectionRecord | undefined) => Pick<ConnectionRecord, 'subscribed' | 'fields'>,
): Promise<void> {
  const { caller } = call;
  const [page, app] = [caller.page.id, caller.app.id];
  await changeAs(call, (config) => {
    const known = config.connections.find((each) => each.page === page && each.app === app);
    // [A2] A new connection is allowed what the person allowed; what was taken away since stays so.
    const allowed = { permissions: caller.token.scopes };
    const value: ConnectionRecord = { page, app, ...NEW_CONNECTION, ...allowed, ...known, ...next(known) };
    if (known === undefined && !value.subscribed) return { put: [] };
    return { put: [{ kind: 'connection', value }, ...(value.subscribed ? switchedOn(config, app) : [])] };
  });
}
