/**
 * Where apps hear of pages, and of what: setting and taking away callbacks (W6), subscribing apps to pages (W1, C17).
 * Apps do it in the Graph, operators under `/admin`.
 */

import { EVERY_FIELD } from '../protocol/fields.ts';
import type { AppId, PageId } from '../protocol/ids.ts';
import {
  type Config,
  type ConfigRow,
  type ConnectionRecord,
  keyOf,
  NEW_CONNECTION,
  NEW_WEBHOOK,
  type Webhook,
  type WebhookObject,
} from '../store/config.ts';
import type { Wanted } from './plan.ts';
import type { DeliveryPort, Verified } from './ports.ts';
import type { Runtime } from './runtime.ts';

/** A callback as it is asked for; fields and batches that are not given stay, and a new one hears everything. */
export type WantedCallback = Pick<Webhook, 'app' | 'object' | 'callbackUrl' | 'verifyToken'> & {
  readonly fields: Webhook['fields'] | null;
  readonly maxBatch: Webhook['maxBatch'] | null;
  /** The callback whose address or verify token these are, where they were not given; null: both were. */
  readonly restsOn: Webhook | null;
};

/** What is told of a handshake with what is no callback of the app any more. */
const CHANGED_MEANWHILE: Verified = {
  kind: 'failed',
  reason: 'the callback has been changed meanwhile; ask again',
};

/** What apps hear that do not choose. */
export const DEFAULT_FIELDS: readonly string[] = ['messages', 'messaging_postbacks'];

/**
 * [W6] Verifies a callback and, once it has echoed its challenge, puts it in the place of the one before; it begins
 * healthy. Any other answer changes nothing. A handshake takes its time: what stays is what stands when it has ended.
 * @param change how the change is made: for whom, and while what holds
 */
export async function setCallback(
  { runtime, delivery }: { readonly runtime: Runtime; readonly delivery: Pick<DeliveryPort, 'verify'> },
  wanted: WantedCallback,
  change: Runtime['change'],
): Promise<Verified> {
  const { app, object, callbackUrl, verifyToken, restsOn } = wanted;
  const place = { app, object, callbackUrl, verifyToken };
  const verified = await delivery.verify(place);
  if (verified.kind !== 'verified') return verified;
  let isChanged = false;
  await change(({ webhooks }) => {
    const known = webhooks.find((each) => each.app === app && each.object === object);
    isChanged = restsOn !== null && !isSamePlace(restsOn, known);
    if (isChanged) return { put: [] };
    const fields = wanted.fields ?? known?.fields ?? EVERY_FIELD;
    const maxBatch = wanted.maxBatch ?? known?.maxBatch ?? NEW_WEBHOOK.maxBatch;
    const value = { ...NEW_WEBHOOK, ...place, fields, maxBatch, verifiedAt: runtime.clock.now() };
    return { put: [{ kind: 'webhook', value }] };
  });
  return isChanged ? CHANGED_MEANWHILE : verified;
}

const isSamePlace = (one: Webhook, other: Webhook | undefined): boolean =>
  one.callbackUrl === other?.callbackUrl && one.verifyToken === other.verifyToken;

/** The callback that stands. */
export const callbackOf = (
  { configuration }: Pick<Runtime, 'configuration'>,
  app: AppId,
  object: WebhookObject,
): Webhook | undefined =>
  configuration.current().webhooks.find((each) => each.app === app && each.object === object);

/**
 * Takes fields away from an app's callbacks, and a callback with the last of them.
 * @param less null: all of them
 * @param object null: of every kind
 */
export function withoutCallbacks(
  { webhooks }: Config,
  app: AppId,
  { object, less }: { readonly object: WebhookObject | null; readonly less: readonly string[] | null },
): Wanted {
  const after = webhooks
    .filter((each) => each.app === app && (object === null || each.object === object))
    .map((value) => ({
      kind: 'webhook' as const,
      value: { ...value, fields: value.fields.filter((field) => less !== null && !less.includes(field)) },
    }));
  const isOver = ({ value }: (typeof after)[number]): boolean => value.fields.length === 0;
  return {
    put: after.filter((row) => !isOver(row)),
    remove: after.filter(isOver).map((row) => ({ kind: row.kind, key: keyOf(row) })),
  };
}

type Subscribing = { readonly page: PageId; readonly app: AppId };

/**
 * [W1] An app subscribed to a page; without fields those it has are kept.
 * @param permissions what a new connection is allowed; what a known one is allowed stays (A2)
 */
export function subscribed(
  config: Config,
  { page, app }: Subscribing,
  {
    fields,
    permissions,
  }: Pick<ConnectionRecord, 'permissions'> & { readonly fields: readonly string[] | null },
): Wanted {
  const known = connectionIn(config, { page, app });
  const value: ConnectionRecord = {
    page,
    app,
    ...NEW_CONNECTION,
    permissions,
    ...known,
    subscribed: true,
    fields: fields ?? known?.fields ?? DEFAULT_FIELDS,
  };
  return { put: [{ kind: 'connection', value }, ...switchedOn(config, app)] };
}

/** [C17] An app that leaves a page. */
export function unsubscribed(config: Config, place: Subscribing): Wanted {
  const known = connectionIn(config, place);
  if (known === undefined) return { put: [] };
  return { put: [{ kind: 'connection', value: { ...known, subscribed: false } }] };
}

export const connectionIn = (
  { connections }: Pick<Config, 'connections'>,
  { page, app }: Subscribing,
): ConnectionRecord | undefined => connections.find((each) => each.page === page && each.app === app);

/** [C16] Whether an app is subscribed to a page and may read its messages, whomever it reaches there. */
export function isConnected(config: Config, place: Subscribing): boolean {
  const connection = connectionIn(config, place);
  return connection?.subscribed === true && connection.permissions.includes('pages_messaging');
}

/** [W8] Webhooks that were switched off come back when their app subscribes again, and when the operator says so. */
export const switchedOn = ({ webhooks }: Pick<Config, 'webhooks'>, app: AppId): readonly ConfigRow[] =>
  webhooks
    .filter((webhook) => webhook.app === app && webhook.switchedOffAt !== null)
    .map((webhook) => ({
      kind: 'webhook',
      value: { ...webhook, switchedOffAt: null, warnedAt: null },
    }));
