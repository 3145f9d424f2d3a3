/** Pages for stories, and the changes that an administrator makes to them. Pure: each change gives a new page. */

import type { AppId, Psid } from '../protocol/ids.ts';
import type { Mode } from '../protocol/modes.ts';
import {
  type Channel,
  type Connection,
  connectionOf,
  type EntryPoint,
  leadOf,
  type Page,
  type Platform,
  type Profile,
  replaceConnection,
  toldLead,
} from '../protocol/page.ts';
import type { Instant } from '../protocol/time.ts';
import { pageId } from './scenario-commands.ts';

/** Fields that bring an app everything the core tells of. */
export const ALL_FIELDS: readonly string[] = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'message_echoes',
  'message_reads',
  'message_deliveries',
  'message_reactions',
  'messaging_feedback',
  'messaging_handovers',
  'standby',
];

/** What a story says of an app that is connected to its page; the rest is full access and every field. */
export type AppOptions = {
  readonly name?: string;
  readonly subscribed?: boolean;
  readonly advancedAccess?: boolean;
  readonly humanAgent?: boolean;
  readonly takeControl?: boolean;
  readonly standbyAccess?: boolean;
  readonly testers?: readonly Psid[];
  readonly appFields?: readonly string[];
  readonly pageFields?: readonly string[];
};

export type PageOptions = {
  readonly platform?: Platform;
  readonly mode?: Mode;
  readonly profile?: Profile;
  /** The primary receiver, or the default app. */
  readonly primary?: AppId | null;
  readonly idleChannel?: Channel | null;
  readonly entryPoints?: readonly EntryPoint[];
  /** In the order in which they came. */
  readonly apps?: readonly (AppId | readonly [AppId, AppOptions])[];
};

/** A page with these apps. */
export function pageOf(options: PageOptions): Page {
  const apps = (options.apps ?? []).map((each): readonly [AppId, AppOptions] =>
    typeof each === 'string' ? [each, {}] : each,
  );
  return {
    id: pageId('1001'),
    name: 'Kopi Senja',
    platform: options.platform ?? 'messenger',
    mode: options.mode ?? 'handover',
    switches: { number: 0, at: 0 },
    lead: options.primary ?? null,
    idleChannel: options.idleChannel ?? null,
    entryPoints: options.entryPoints ?? [],
    profile: options.profile ?? {},
    connections: apps.map(([app, more]) => connectionFor(app, more)),
    version: 1,
  };
}

const connectionFor = (app: AppId, more: AppOptions): Connection => ({
  app,
  name: more.name ?? `App ${app}`,
  subscribed: more.subscribed ?? true,
  advancedAccess: more.advancedAccess ?? true,
  humanAgent: more.humanAgent ?? false,
  takeControl: more.takeControl ?? true,
  standbyAccess: more.standbyAccess ?? true,
  testers: more.testers ?? [],
  appFields: more.appFields ?? ALL_FIELDS,
  pageFields: more.pageFields ?? ALL_FIELDS,
  number: 0,
  losses: [],
  switchedOff: false,
});

/**
 * The page after an app's relation to it has changed: subscribed or not, advanced access, testers, fields. An app
 * that leaves the page is no longer its primary receiver (C17), as the runtime writes it.
 */
export function withApp(
  page: Page,
  app: AppId,
  { now, ...more }: AppOptions & { readonly now: Instant },
): Page {
  const before = connectionOf(page, app);
  const next = replaceConnection(before, { ...(before ?? connectionFor(app, {})), ...more }, now);
  const connections =
    before === null
      ? [...page.connections, next]
      : page.connections.map((each) => (each === before ? next : each));
  const leaves = toldLead(page) === app && !next.subscribed;
  return {
    ...page,
    lead: leaves ? null : page.lead,
    connections,
    version: page.version + 1,
  };
}

export const withPrimary = (page: Page, lead: AppId | null): Page => ({
  ...page,
  lead,
  version: page.version + 1,
});

export const withIdleChannel = (page: Page, idleChannel: Channel | null): Page => ({
  ...page,
  idleChannel,
  version: page.version + 1,
});

/** [R9, R12] The page after it has been switched to another mode. */
export function withMode(page: Page, mode: Mode, now: Instant): Page {
  const switches = { number: page.switches.number + 1, at: now };
  const next = { ...page, mode, switches, version: page.version + 1 };
  // [C17] As the runtime writes it: a primary receiver that is not subscribed is none.
  return toldLead(next) !== null && leadOf(next) === null ? { ...next, lead: null } : next;
}

export const withProfile = (page: Page, profile: Profile): Page => ({
  ...page,
  profile,
  version: page.version + 1,
});
