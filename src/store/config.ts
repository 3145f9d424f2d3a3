/**
 * The configuration as it is stored: people, pages, apps, and what connects them. One version covers it all; each
 * page bears the version at which it last changed, and decisions are bound to that (DESIGN 2).
 */

import type { AppId, PageId, PersonId, Psid } from '../protocol/ids.ts';
import type {
  Connection,
  EntryPoint,
  Loss,
  Mode,
  Page,
  Platform,
  replaceConnection,
} from '../protocol/page.ts';

/** [A1] What a person may do on a page. */
export type Task = 'ADVERTISE' | 'ANALYZE' | 'CREATE_CONTENT' | 'MESSAGING' | 'MODERATE' | 'MANAGE';
/** [A3, A4] What App Review has granted an app. */
export type Feature = 'pages_messaging' | 'human_agent';
/** Which kind of account a webhook is about. */
export type WebhookObject = 'page' | 'instagram';

export type Person = {
  readonly id: PersonId;
  readonly name: string;
  /** A salted hash; null: no password, no log-in. */
  readonly passwordHash: string | null;
};

export type PageRecord = {
  readonly id: PageId;
  readonly name: string;
  readonly platform: Platform;
  readonly mode: Mode;
  readonly primaryReceiver: AppId | null;
  readonly idleChannel: Page['idleChannel'];
  readonly entryPoints: readonly EntryPoint[];
  readonly people: readonly { readonly person: PersonId; readonly tasks: readonly Task[] }[];
  /** After how many days the texts of its messages are blanked, 1 to 3650; null: never. */
  readonly retentionDays: number | null;
  /** The configuration's version at which this page last changed; written by the store. */
  readonly version: number;
};

export type AppRecord = {
  readonly id: AppId;
  readonly name: string;
  readonly secret: string;
  readonly live: boolean;
  readonly advancedAccess: readonly Feature[];
  readonly testers: readonly Psid[];
};

/** [W6] Where an app hears of accounts of one kind. */
export type Webhook = {
  readonly app: AppId;
  readonly object: WebhookObject;
  readonly callbackUrl: string;
  readonly verifyToken: string;
  /** As the app spelled them. */
  readonly fields: readonly string[];
  /** When the handshake last succeeded, ms; null: not yet, and its lanes wait. */
  readonly verifiedAt: number | null;
  /** Most events in one request, 1 to 1000. */
  readonly maxBatch: number;
  /** [W8] When its developer was warned that it keeps failing, ms; null: it does not. */
  readonly warnedAt: number | null;
  /** [W8] Since when nothing is sent to it, ms; null: it is on. */
  readonly switchedOffAt: number | null;
};

/** A callback as it begins. */
export const NEW_WEBHOOK = { verifiedAt: null, maxBatch: 1, warnedAt: null, switchedOffAt: null } as const;

/** An app's subscription to a page, kept after it has ended. */
export type ConnectionRecord = {
  readonly page: PageId;
  readonly app: AppId;
  readonly subscribed: boolean;
  /** As the app spelled them. */
  readonly fields: readonly string[];
  readonly number: number;
  readonly losses: readonly Loss[];
};

/** [A1, A5] A Page access token; only its SHA-256 is kept. */
export type TokenRecord = {
  /** Lower-case hex. */
  readonly hash: string;
  readonly app: AppId;
  readonly page: PageId;
  readonly person: PersonId;
};

/** [C20] A name and a picture under which one app speaks on one page. */
export type Persona = {
  readonly id: string;
  readonly page: PageId;
  readonly app: AppId;
  readonly name: string;
  readonly pictureUrl: string;
};

/** One row of the configuration. */
export type ConfigRow =
  | { readonly kind: 'person'; readonly value: Person }
  | { readonly kind: 'page'; readonly value: PageRecord }
  | { readonly kind: 'app'; readonly value: AppRecord }
  | { readonly kind: 'webhook'; readonly value: Webhook }
  | { readonly kind: 'connection'; readonly value: ConnectionRecord }
  | { readonly kind: 'token'; readonly value: TokenRecord }
  | { readonly kind: 'persona'; readonly value: Persona };

export type ConfigKind = ConfigRow['kind'];

/** Everything, as of one version. */
export type Config = {
  /** 0 for a store that has never been written to. */
  readonly version: number;
  readonly people: readonly Person[];
  readonly pages: readonly PageRecord[];
  readonly apps: readonly AppRecord[];
  readonly webhooks: readonly Webhook[];
  /** In the order in which they were first written. */
  readonly connections: readonly ConnectionRecord[];
  readonly tokens: readonly TokenRecord[];
  readonly personas: readonly Persona[];
};

/** What names a row among those of its kind. */
export function keyOf(row: ConfigRow): string {
  switch (row.kind) {
    case 'person':
    case 'page':
    case 'app':
    case 'persona':
      return row.value.id;
    case 'webhook':
      return `${row.value.app}/${row.value.object}`;
    case 'connection':
      return `${row.value.page}/${row.value.app}`;
    case 'token':
      return row.value.hash;
  }
}

/** The kind of webhook that speaks of a platform's accounts. */
export const objectOf = (platform: Platform): WebhookObject =>
  platform === 'instagram' ? 'instagram' : 'page';

/** What the rules read of a page, put together from its rows. */
export function snapshotOf(config: Config, page: PageRecord): Page {
  const apps = new Map(config.apps.map((app) => [app.id, app]));
  const object = objectOf(page.platform);
  const connections = config.connections.flatMap((record): Connection[] => {
    const app = apps.get(record.app);
    if (record.page !== page.id || app === undefined) return [];
    const webhook = config.webhooks.find((each) => each.app === app.id && each.object === object);
    return [{ ...relationOf(app, record, webhook ?? null), number: record.number, losses: record.losses }];
  });
  const { id, name, platform, mode, primaryReceiver, idleChannel, entryPoints, version } = page;
  return { id, name, platform, mode, primaryReceiver, idleChannel, entryPoints, connections, version };
}

/** An app's relation to a page as its rows say it, the losses left aside. */
export function relationOf(
  app: AppRecord,
  record: Pick<ConnectionRecord, 'subscribed' | 'fields'>,
  webhook: Webhook | null,
): Parameters<typeof replaceConnection>[1] {
  const has = (feature: Feature): boolean => app.live && app.advancedAccess.includes(feature);
  return {
    app: app.id,
    name: app.name,
    subscribed: record.subscribed,
    advancedAccess: has('pages_messaging'),
    humanAgent: has('human_agent'),
    testers: app.testers,
    appFields: webhook?.fields ?? [],
    pageFields: record.fields,
    switchedOff: webhook !== null && webhook.switchedOffAt !== null,
  };
}
