/**
 * Giving tokens out and taking them back. A person who signs in to an app makes a code; the code, once, makes a user
 * token for hours; that makes one for weeks; and either gives the Page tokens of the person's pages. Each is a row with
 * nothing but a hash, so that taking the row away is all there is to revoking.
 */

import type { AppId, PageId, PersonId } from '../protocol/ids.ts';
import { DAY_MS, HOUR_MS, type Instant, SECOND_MS } from '../protocol/time.ts';
import type { CodeToken, PageToken, TokenRecord, UserToken } from '../store/access.ts';
import { type Config, type PageRecord, PERMISSION_NAMES, type Permission } from '../store/config.ts';
import type { Wanted } from './plan.ts';
import type { Runtime } from './runtime.ts';
import { mayUse } from './secrets.ts';
import { derivePageToken, hashToken, newToken } from './tokens.ts';

/** How long a code can be redeemed. */
export const CODE_MS = 600 * SECOND_MS;
/** How long the user token of a code lasts. */
export const USER_TOKEN_MS = 2 * HOUR_MS;
/** How long the one lasts that it can be exchanged for. */
export const LONG_TOKEN_MS = 60 * DAY_MS;
/** How long one that has ended is remembered, so that its holder can be told so. */
const ENDED_KEPT_MS = 7 * DAY_MS;
/** One that lasts longer is prolonged once it has lasted so long; asking more often changes nothing. */
const PROLONGED_AFTER_MS = DAY_MS;
/** Most user tokens of one person for one app; the oldest gives way, and what it gave with it, those that have ended first. */
export const MAX_USER_TOKENS = 50;
/** Most user tokens of one person for one app that are over and whose Page tokens last; those of the oldest give way. */
export const MAX_ENDED_GIVERS = 50;

type Access = Pick<Runtime, 'clock' | 'configuration' | 'change'>;
type Remove = NonNullable<Wanted['remove']>;

/** Who allows which app to do what. */
export type Consent = {
  readonly app: AppId;
  readonly person: PersonId;
  readonly scopes: readonly Permission[];
};
/** The text of a token, which is shown once, and how long it lasts. */
export type Granted = { readonly text: string; readonly lastsMs: number };

/** A code for one app and one place to be redeemed from. */
export async function issueCode(
  access: Access,
  { app, person, scopes }: Consent,
  redirectUri: string,
): Promise<string> {
  const text = newToken();
  const now = access.clock.now();
  const times = { issuedAt: now, expiresAt: now + CODE_MS };
  const value: CodeToken = {
    kind: 'code',
    hash: hashToken(text),
    app,
    person,
    scopes,
    ...times,
    redirectUri,
  };
  await access.change((config) => ({
    put: [{ kind: 'token', value }],
    remove: removing(endedTokens(config, now)),
  }));
  return text;
}

/** The user token of a code, or null: it was redeemed before, has ended, or was made for another app or place. */
export async function redeemCode(
  access: Access,
  { app, code, redirectUri }: { readonly app: AppId; readonly code: string; readonly redirectUri: string },
): Promise<Granted | null> {
  const hash = hashToken(code);
  const text = newToken();
  let granted: Granted | null = null;
  await access.change((config) => {
    const now = access.clock.now();
    const found = config.tokens.find((token) => token.hash === hash);
    granted = null;
    if (found?.kind !== 'code' || found.app !== app || hasEnded(found, now)) return { put: [] };
    if (found.redirectUri !== redirectUri) return { put: [] };
    const value = userToken(text, found, { longLived: false, now });
    granted = { text, lastsMs: USER_TOKEN_MS };
    return {
      put: [{ kind: 'token', value }],
      remove: removing([found, ...endedTokens(config, now), ...surplusTokens(config, found, now)]),
    };
  });
  return granted;
}

/**
 * A user token that lasts longer, and whose Page tokens last until they are revoked; null for one that has been revoked.
 * One that lasts longer already is prolonged, so that asking again and again adds nothing to what is kept.
 * @param text the user token itself
 */
export async function exchangeToken(access: Access, token: UserToken, text: string): Promise<Granted | null> {
  return token.longLived ? prolong(access, token, text) : lengthen(access, token);
}

async function lengthen(access: Access, token: UserToken): Promise<Granted | null> {
  const text = newToken();
  const now = access.clock.now();
  const value = userToken(text, token, { longLived: true, now });
  let isGiven = false;
  await access.change((config) => {
    isGiven = isHeld(config, token);
    if (!isGiven) return { put: [] };
    const gone = [...endedTokens(config, now), ...surplusTokens(config, token, now)];
    return { put: [{ kind: 'token', value }], remove: removing(gone) };
  });
  return isGiven ? { text, lastsMs: LONG_TOKEN_MS } : null;
}

async function prolong(access: Access, token: UserToken, text: string): Promise<Granted | null> {
  const now = access.clock.now();
  const end = now + LONG_TOKEN_MS;
  const { expiresAt } = token;
  if (expiresAt !== null && expiresAt > end - PROLONGED_AFTER_MS) return { text, lastsMs: expiresAt - now };
  let isGiven = false;
  await access.change((config) => {
    const known = config.tokens.find((each) => each.hash === token.hash);
    isGiven = known?.kind === 'user' && isHeld(config, token);
    if (known?.kind !== 'user' || !isGiven) return { put: [] };
    return { put: [{ kind: 'token', value: { ...known, expiresAt: end } }] };
  });
  return isGiven ? { text, lastsMs: LONG_TOKEN_MS } : null;
}

/** Whether a user token still stands, and none that it gave has been revoked since. */
const isHeld = ({ tokens }: Pick<Config, 'tokens'>, { hash, version }: UserToken): boolean =>
  tokens.some((each) => each.kind === 'user' && each.hash === hash && each.version === version);

const userToken = (
  text: string,
  { app, person, scopes }: Consent,
  { longLived, now }: { readonly longLived: boolean; readonly now: Instant },
): UserToken => {
  const expiresAt = now + (longLived ? LONG_TOKEN_MS : USER_TOKEN_MS);
  const times = { issuedAt: now, expiresAt };
  return { kind: 'user', hash: hashToken(text), app, person, scopes, ...times, longLived, version: 0 };
};

/** A page on which a person has tasks, and the app's token for it. */
export type PageAccess = { readonly page: PageRecord; readonly text: string };

/**
 * The pages on which the person behind a user token has tasks, each with its Page token.
 * @param text the user token itself
 */
export async function pageTokens(
  access: Access,
  token: UserToken,
  text: string,
): Promise<readonly PageAccess[]> {
  const { app, person } = token;
  const record = access.configuration.app(app);
  if (record === null || !mayUse(record, person)) return [];
  const given = access.configuration
    .current()
    .pages.filter((page) => tasksOf(page, person).length > 0)
    .map((page) => ({ page, text: derivePageToken(text, { ...token, page: page.id }) }));
  const isMissing = ({ text: each }: PageAccess): boolean =>
    access.configuration.token(hashToken(each)) === null;
  if (given.some(isMissing)) {
    await access.change((config) => {
      const missing = given.filter(isMissing).map((each) => pageToken(token, each, access.clock.now()));
      return { put: isHeld(config, token) ? missing.map((value) => ({ kind: 'token', value })) : [] };
    });
  }
  return given;
}

function pageToken(parent: UserToken, { page, text }: PageAccess, issuedAt: Instant): PageToken {
  const { app, person, scopes, longLived, hash } = parent;
  const expiresAt = longLived ? null : parent.expiresAt;
  const from = { source: 'sign_in', parent: hash } as const;
  return {
    kind: 'page',
    hash: hashToken(text),
    app,
    person,
    page: page.id,
    scopes,
    issuedAt,
    expiresAt,
    ...from,
  };
}

/** A Page token that the operator gives, good until it is revoked. */
export async function givePageToken(
  access: Access,
  { app, page, person }: { readonly app: AppId; readonly page: PageId; readonly person: PersonId },
): Promise<string> {
  const text = newToken();
  const value: PageToken = {
    kind: 'page',
    hash: hashToken(text),
    app,
    person,
    page,
    scopes: PERMISSION_NAMES,
    issuedAt: access.clock.now(),
    expiresAt: null,
    source: 'operator',
    parent: null,
  };
  await access.change(() => ({ put: [{ kind: 'token', value }] }));
  return text;
}

/**
 * Makes tokens worth nothing, from the next call on; a user token takes the Page tokens along that it gave. Answers how
 * many.
 */
export async function revokeTokens(
  access: Access,
  isMeant: (token: TokenRecord) => boolean,
): Promise<number> {
  let revoked = 0;
  await access.change(({ tokens }) => {
    const gone = withChildren(tokens, tokens.filter(isMeant));
    const hashes = new Set(gone.map(({ hash }) => hash));
    const parents = new Set(gone.flatMap((token) => (token.kind === 'page' ? [token.parent] : [])));
    const put = tokens.flatMap((token) =>
      token.kind === 'user' && parents.has(token.hash) && !hashes.has(token.hash)
        ? [{ kind: 'token' as const, value: { ...token, version: token.version + 1 } }]
        : [],
    );
    revoked = gone.length;
    return { put, remove: removing(gone) };
  });
  return revoked;
}

/** [A5] Whether a token's time is over. */
export const hasEnded = ({ expiresAt }: TokenRecord, now: Instant): boolean =>
  expiresAt !== null && now >= expiresAt;

/** [A1] What a person may do on a page. */
export const tasksOf = (page: PageRecord | null, person: PersonId) =>
  page?.people.find((each) => each.person === person)?.tasks ?? [];

const removing = (tokens: readonly TokenRecord[]): Remove =>
  tokens.map(({ hash }) => ({ kind: 'token', key: hash }));

/** Codes that have ended, and other tokens that have ended long ago. */
const endedTokens = ({ tokens }: Config, now: Instant): readonly TokenRecord[] =>
  tokens.filter((token) => hasEnded(token, token.kind === 'code' ? now : now - ENDED_KEPT_MS));

/**
 * The user tokens of a person for an app that give way, so many that one more fits, and what they gave: those that have
 * ended before those that have not, and of each the oldest first. What an ended one gave for good stays good.
 */
function surplusTokens({ tokens }: Config, { app, person }: Consent, now: Instant): readonly TokenRecord[] {
  const own = tokens.filter((token) => token.kind === 'user' && token.app === app && token.person === person);
  const [ended, lasting] = [true, false].map((is) => own.filter((token) => hasEnded(token, now) === is));
  const gone = [...(ended ?? []), ...(lasting ?? [])].slice(0, Math.max(0, own.length - MAX_USER_TOKENS + 1));
  const isOver = (token: TokenRecord): boolean => hasEnded(token, now);
  return [
    ...surplusOfEnded(tokens, { app, person }),
    ...gone.filter(isOver),
    ...withChildren(
      tokens,
      gone.filter((token) => !isOver(token)),
    ),
  ];
}

/** The lasting Page tokens of a person for an app that give way, of user tokens that have been forgotten. */
function surplusOfEnded(
  tokens: readonly TokenRecord[],
  { app, person }: Pick<Consent, 'app' | 'person'>,
): readonly TokenRecord[] {
  const known = new Set(tokens.flatMap((token) => (token.kind === 'user' ? [token.hash] : [])));
  const lasting = tokens.flatMap((token) => {
    if (token.kind !== 'page' || token.app !== app || token.person !== person) return [];
    const { parent, expiresAt } = token;
    return parent === null || known.has(parent) || expiresAt !== null ? [] : [{ token, parent }];
  });
  const givers = [...new Set(lasting.map(({ parent }) => parent))];
  const gone = new Set(givers.slice(0, Math.max(0, givers.length - MAX_ENDED_GIVERS)));
  return lasting.filter(({ parent }) => gone.has(parent)).map(({ token }) => token);
}

function withChildren(all: readonly TokenRecord[], some: readonly TokenRecord[]): readonly TokenRecord[] {
  const parents = new Set(some.map(({ hash }) => hash));
  const isChild = (token: TokenRecord): boolean =>
    token.kind === 'page' && token.parent !== null && parents.has(token.parent);
  return [...some, ...all.filter((token) => isChild(token) && !parents.has(token.hash))];
}
