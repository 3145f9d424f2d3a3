/**
 * The configuration as it is stored: people, pages, apps, and what connects them. One version covers it all; each
 * page bears the version at which it last changed, and decisions are bound to that (DESIGN 2).
 */

import type { AppId, PageId, PersonId, Psid } from '../protocol/ids.ts';
import type { Json } from '../protocol/message.ts';
import type { Mode } from '../protocol/modes.ts';
import type {
  Connection,
  EntryPoint,
  Loss,
  Made,
  Page,
  Platform,
  Profile,
  ProfilePart,
  replaceConnection,
} from '../protocol/page.ts';
import type { Instant } from '../protocol/time.ts';
import type { AppRole, ReviewRecord, TokenRecord } from './access.ts';

/** [A1] What a person may do on a page. */
export type Task = 'ADVERTISE' | 'ANALYZE' | 'CREATE_CONTENT' | 'MESSAGING' | 'MODERATE' | 'MANAGE';
/** [A3, A4] What App Review has granted an app. */
export const ALL_FEATURES = ['pages_messaging', 'human_agent'] as const;
export type Feature = (typeof ALL_FEATURES)[number];
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
  /** As of `Page`. */
  readonly switches: Page['switches'];
  /** [P1, R1] As of `Page`. */
  readonly lead: AppId | null;
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
  /** The secret before, and until when it is good beside the new one; null: there is none, or none any more. */
  readonly previousSecret: { readonly secret: string; readonly until: Instant } | null;
  readonly live: boolean;
  readonly advancedAccess: readonly Feature[];
  /** [A3] Customers who have a role on it. */
  readonly testers: readonly Psid[];
  /** People who have a role on it. */
  readonly roles: readonly { readonly person: PersonId; readonly role: AppRole }[];
  /** Where people may be sent back to after they signed in. */
  readonly redirectUris: readonly string[];
};

/** What an app has that nothing else is said of. */
export const NEW_APP = { previousSecret: null, testers: [], roles: [], redirectUris: [] } as const;

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

/** [A2] What a page has allowed an app to do there. */
export type Permission = (typeof PERMISSION_NAMES)[number];
export const PERMISSION_NAMES = [
  'pages_messaging',
  'pages_manage_metadata',
  'pages_show_list',
  'pages_read_engagement',
  'instagram_basic',
  'instagram_manage_messages',
] as const;

/** What a connection is that nothing else is said of: everything is allowed. */
export const NEW_CONNECTION = {
  permissions: PERMISSION_NAMES,
  takeControl: true,
  standbyAccess: true,
  number: 0,
  losses: [],
} as const;

/** An app's subscription to a page, kept after it has ended. */
export type ConnectionRecord = {
  readonly page: PageId;
  readonly app: AppId;
  readonly subscribed: boolean;
  /** [A2] In the order of `PERMISSION_NAMES`. */
  readonly permissions: readonly Permission[];
  /** [R3] */
  readonly takeControl: boolean;
  /** [R3] */
  readonly standbyAccess: boolean;
  /** As the app spelled them. */
  readonly fields: readonly string[];
  readonly number: number;
  readonly losses: readonly Loss[];
};

/** [C20] A name and a picture under which one app speaks on one page. */
export type Persona = {
  readonly id: string;
  readonly page: PageId;
  readonly app: AppId;
  readonly name: string;
  readonly pictureUrl: string;
};

/** [M6] One part of a page's profile. */
export type ProfileRecord = {
  readonly page: PageId;
  /** Who made it. */
  readonly app: AppId;
  readonly part: ProfilePart | OwnPart;
  /** In Graph's shape. */
  readonly value: Json;
};

/** Parts of the profile that each app has for itself; of the others there is one a page. */
export const OWN_PARTS = ['whitelisted_domains', 'account_linking_url'] as const;
export type OwnPart = (typeof OWN_PARTS)[number];

export const isOwnPart = (part: ProfileRecord['part']): part is OwnPart =>
  OWN_PARTS.some((each) => each === part);

/** One row of the configuration. */
export type ConfigRow =
  | { readonly kind: 'person'; readonly value: Person }
  | { readonly kind: 'page'; readonly value: PageRecord }
  | { readonly kind: 'app'; readonly value: AppRecord }
  | { readonly kind: 'webhook'; readonly value: Webhook }
  | { readonly kind: 'connection'; readonly value: ConnectionRecord }
  | { readonly kind: 'token'; readonly value: TokenRecord }
  | { readonly kind: 'persona'; readonly value: Persona }
  | { readonly kind: 'profile'; readonly value: ProfileRecord }
  | { readonly kind: 'review'; readonly value: ReviewRecord };

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
  readonly profile: readonly ProfileRecord[];
  readonly reviews: readonly ReviewRecord[];
};

/** What names a row among those of its kind. */
export function keyOf(row: ConfigRow): string {
  switch (row.kind) {
    case 'person':
    case 'page':
    case 'app':
    case 'persona':
    case 'review':
      return row.value.id;
    case 'webhook':
      return `${row.value.app}/${row.value.object}`;
    case 'connection':
      return `${row.value.page}/${row.value.app}`;
    case 'token':
      return row.value.hash;
    case 'profile': {
      const { page, part, app } = row.value;
      return isOwnPart(part) ? `${page}/${part}/${app}` : `${page}/${part}`;
    }
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
  const { id, name, platform, mode, switches, lead, idleChannel, entryPoints, version } = page;
  const profile = profileOf(config, page);
  const settings = { id, name, platform, mode, switches, lead, idleChannel, entryPoints };
  return { ...settings, profile, connections, version };
}

function profileOf({ profile }: Config, page: PageRecord): Profile {
  const parts: { [part in ProfilePart]?: Made } = {};
  for (const { page: id, part, app, value } of profile) {
    if (id === page.id && !isOwnPart(part)) parts[part] = { maker: app, value };
  }
  return parts;
}

/** An app's relation to a page as its rows say it, the losses left aside. */
export function relationOf(
  app: AppRecord,
  record: Omit<ConnectionRecord, 'page' | 'app' | 'number' | 'losses'>,
  webhook: Webhook | null,
): Parameters<typeof replaceConnection>[1] {
  const has = (feature: Feature): boolean => app.live && app.advancedAccess.includes(feature);
  return {
    app: app.id,
    name: app.name,
    subscribed: record.subscribed && record.permissions.includes('pages_messaging'),
    advancedAccess: has('pages_messaging'),
    humanAgent: has('human_agent'),
    takeControl: record.takeControl,
    standbyAccess: record.standbyAccess,
    testers: app.testers,
    appFields: webhook?.fields ?? [],
    pageFields: record.fields,
    switchedOff: webhook !== null && webhook.switchedOffAt !== null,
  };
}
