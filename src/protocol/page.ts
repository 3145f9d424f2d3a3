/**
 * A page's configuration as the rules read it: who is connected, who answers first. It is a value: one snapshot of
 * one `version`, and whoever commits a decision names the version it was made on.
 *
 * A connection that ends leaves a *loss* behind, numbered in order. A lease or a request remembers the number of the
 * connection it was made under, so that a later loss ends it from that instant on, without touching any thread
 * (C17), and a reconnection cannot bring it back.
 */

import { type AppId, INSTAGRAM_INBOX, isInbox, PAGE_INBOX, type PageId, type Psid } from './ids.ts';
import type { Json } from './message.ts';
import { type Mode, TRAITS } from './modes.ts';
import type { Instant } from './time.ts';

export type Platform = 'messenger' | 'instagram';
/** [W2] Where a notice lands: for the owner, or for the others. */
export type Channel = 'messages' | 'standby';

export type Page = {
  readonly id: PageId;
  readonly name: string;
  readonly platform: Platform;
  readonly mode: Mode;
  /** [R12] How often the page has been switched from one mode to the other, and when it last was. */
  readonly switches: { readonly number: number; readonly at: Instant };
  /**
   * [P1, R1, R12] The app that is named to answer first: the primary receiver, or under Conversation Routing the
   * default app. Null: none, or there the inbox. A primary receiver that is disconnected ceases to be one (C17). Whom
   * it means for a customer tells `leadFor`.
   */
  readonly lead: AppId | null;
  /** [W4] What the page has set, or null for the default. */
  readonly idleChannel: Channel | null;
  readonly entryPoints: readonly EntryPoint[];
  /** [M6] What customers see of the page beside messages. */
  readonly profile: Profile;
  /** In the order in which the apps first came, those that left included. */
  readonly connections: readonly Connection[];
  /** Grows with every change of anything in here. */
  readonly version: number;
};

/** [M6] The parts of a page's profile of which there is one a page, whoever made it. */
export const PROFILE_PARTS = [
  'get_started',
  'persistent_menu',
  'ice_breakers',
  'greeting',
  'commands',
] as const;
export type ProfilePart = (typeof PROFILE_PARTS)[number];
/** In Graph's shape, with the app that made it. */
export type Made = { readonly maker: AppId; readonly value: Json };
export type Profile = { readonly [part in ProfilePart]?: Made };

/** [E1] An ad or a link that is assigned to an app. */
export type EntryPoint = {
  readonly source: 'ADS' | 'SHORTLINK';
  /** The `ad_id` of an ad, the `ref` of a link. */
  readonly key: string;
  readonly app: AppId;
  /** 1 to 30. */
  readonly days: number;
};

/** An app's relation to a page. */
export type Connection = {
  readonly app: AppId;
  readonly name: string;
  /** [C16] Subscribed to the page, with `pages_messaging`. */
  readonly subscribed: boolean;
  /** [A3] Live and with advanced access to `pages_messaging`: reaches every customer, not only the app's testers. */
  readonly advancedAccess: boolean;
  /** [A4] Has the Human Agent feature. */
  readonly humanAgent: boolean;
  /** [R3] The page has given it "take control of conversations". */
  readonly takeControl: boolean;
  /** [R3] The page has given it "access standby channel". */
  readonly standbyAccess: boolean;
  /** [C16] The customers who have a role on the app. */
  readonly testers: readonly Psid[];
  /** [W1] The fields the app chose for itself, as it spelled them. */
  readonly appFields: readonly string[];
  /** [W1] The fields the app chose for this page, as it spelled them. */
  readonly pageFields: readonly string[];
  /** [W8] Its webhooks have been switched off: it stays connected, and nothing is sent. */
  readonly switchedOff: boolean;
  /** How many losses there have been. */
  readonly number: number;
  /** The latest losses, oldest first, at most `MAX_LOSSES`. */
  readonly losses: readonly Loss[];
};

/** [C17] One instant at which the app ceased to be connected: for everybody, or for some. */
export type Loss = {
  readonly number: number;
  readonly at: Instant;
  /** `everybody`: unsubscribed. `customers`: advanced access went, testers stay. `customer`: one lost its role. */
  readonly of:
    | { readonly kind: 'everybody' }
    | { readonly kind: 'customers'; readonly except: readonly Psid[] }
    | { readonly kind: 'customer'; readonly psid: Psid };
};

/** How many losses a connection remembers. Older ones are forgotten, and every lease before them is void. */
export const MAX_LOSSES = 10_000;

/** [X1] The inbox of this page. */
export const inboxOf = (page: Pick<Page, 'platform'>): AppId =>
  page.platform === 'instagram' ? INSTAGRAM_INBOX : PAGE_INBOX;

/** The app's relation to the page; null for an app that never had one, and for inboxes. */
export const connectionOf = (page: Page, app: AppId): Connection | null =>
  page.connections.find((connection) => connection.app === app) ?? null;

/** [C16] Whether the app may be used with this customer, being subscribed. */
export const reaches = (connection: Connection, psid: Psid): boolean =>
  connection.advancedAccess || connection.testers.includes(psid);

/** [C16] Whether an app is connected for the thread with this customer. The page's own inbox always is. */
export function isConnected(page: Page, app: AppId, psid: Psid): boolean {
  if (isInbox(app)) return app === inboxOf(page);
  const connection = connectionOf(page, app);
  return connection?.subscribed === true && reaches(connection, psid);
}

/**
 * [P1, R10] Who answers first to this customer: the app that the page names, where it is connected; else nobody, or
 * under Conversation Routing the inbox.
 */
export function leadFor(page: Page, psid: Psid): AppId | null {
  if (page.lead !== null && isConnected(page, page.lead, psid)) return page.lead;
  return TRAITS[page.mode].standIn === 'inbox' ? inboxOf(page) : null;
}

/** [M2, P7] The app that answers first, customers left aside; null for none and for the inbox. */
export function leadOf(page: Page): AppId | null {
  const { lead } = page;
  return lead !== null && connectionOf(page, lead)?.subscribed === true ? lead : null;
}

/** [P6] The app that is told of its role as the first to answer. */
export const toldLead = ({ mode, lead }: Pick<Page, 'mode' | 'lead'>): AppId | null =>
  TRAITS[mode].tellsRoles ? lead : null;

/** The number that a lease or a request made now has to remember. */
export const connectionNumber = (page: Page, app: AppId): number => connectionOf(page, app)?.number ?? 0;

/** [C17] The instant since which what was made under connection `number` is void for this customer; null while it holds. */
export function lostAt(page: Page, app: AppId, number: number, psid: Psid): Instant | null {
  const connection = connectionOf(page, app);
  if (connection === null || connection.number === number) return null;
  const loss = connection.losses.find((each) => each.number > number && concerns(each, psid));
  return loss?.at ?? null;
}

function concerns(loss: Loss, psid: Psid): boolean {
  switch (loss.of.kind) {
    case 'everybody':
      return true;
    case 'customers':
      return !loss.of.except.includes(psid);
    case 'customer':
      return loss.of.psid === psid;
  }
}

/**
 * [C17] The connection `next` in the place of `before`, with the losses that lie between them written down.
 * @param before what stood there, or null for an app that comes for the first time
 * @param now the instant of the change
 */
export function replaceConnection(
  before: Connection | null,
  next: Omit<Connection, 'number' | 'losses'>,
  now: Instant,
): Connection {
  if (before === null) return { ...next, number: 0, losses: [] };
  const ended: Loss['of'][] = [];
  if (before.subscribed && !next.subscribed) {
    ended.push({ kind: 'everybody' });
  } else if (before.subscribed) {
    if (before.advancedAccess && !next.advancedAccess) {
      ended.push({ kind: 'customers', except: next.testers });
    } else if (!next.advancedAccess) {
      for (const psid of before.testers) {
        if (!next.testers.includes(psid)) ended.push({ kind: 'customer', psid });
      }
    }
  }
  const losses = ended.map((of, index): Loss => ({ number: before.number + index + 1, at: now, of }));
  return {
    ...next,
    number: before.number + losses.length,
    losses: remember([...before.losses, ...losses]),
  };
}

/** The latest losses. The newest of those that are forgotten stays, as one of everybody. */
function remember(losses: readonly Loss[]): readonly Loss[] {
  const [newest, ...rest] = losses.slice(-MAX_LOSSES);
  if (losses.length <= MAX_LOSSES || newest === undefined) return losses;
  return [{ ...newest, of: { kind: 'everybody' } }, ...rest];
}
