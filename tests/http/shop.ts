/** The world of the HTTP tests: a shop with a FAQ bot (primary receiver), a live desk and an ads app. */

import { type Endpoint, openEndpoint } from '../../src/testing/endpoint.ts';
import { openSandbox, type Sandbox } from '../../src/testing/sandbox.ts';

export const PAGE = '1001';
export const BOT = '2001';
export const DESK = '2002';
export const ADS = '2003';
export const BUDI = '5001';
export const INBOX = '263902037430900';

const ALL = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_handovers',
  'messaging_feedback',
  'message_echoes',
  'message_reads',
  'message_deliveries',
  'message_reactions',
  'standby',
];

export const tokenOf = (app: string): string => `token-${app}`;
export const secretOf = (app: string): string => `secret-${app}`;

export type ShopOptions = {
  readonly primary?: string | null;
  readonly apps?: readonly string[];
  /** Keys to add to an app of the world. */
  readonly more?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Keys to add to the page. */
  readonly page?: Readonly<Record<string, unknown>>;
};

const NAMES: Readonly<Record<string, string>> = { [BOT]: 'FAQ bot', [DESK]: 'Live desk', [ADS]: 'Ads app' };

/** The world as a file would declare it; `urls` are the callbacks by app. */
export function shopWorld(urls: Readonly<Record<string, string>>, options: ShopOptions = {}): unknown {
  const { primary = BOT, apps = [BOT, DESK, ADS] } = options;
  return {
    people: [{ id: '9001', name: 'Ana' }],
    pages: [
      {
        id: PAGE,
        name: 'Kopi Senja',
        ...(primary === null ? {} : { primary_receiver: primary }),
        people: [{ id: '9001', tasks: ['MANAGE', 'MODERATE', 'MESSAGING'] }],
        ...options.page,
      },
    ],
    apps: apps.map((id) => ({
      id,
      name: NAMES[id] ?? `App ${id}`,
      secret: secretOf(id),
      ...(urls[id] === undefined
        ? {}
        : { webhook: { object: 'page', callback_url: urls[id], verify_token: 'verify', fields: ALL } }),
      pages: [{ id: PAGE, person: '9001', access_token: tokenOf(id), subscribed_fields: ALL }],
      ...options.more?.[id],
    })),
    customers: [{ page: PAGE, psid: BUDI, name: 'Budi' }],
  };
}

export type Shop = AsyncDisposable & {
  readonly baton: Sandbox;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** What an app heard of the customer's thread: `channel kind`, in order. */
  heard(app: string): Promise<readonly string[]>;
  says(text: string): Promise<string>;
  post(
    app: string,
    edge: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<import('../../src/testing/sandbox.ts').HttpAnswer>;
  ownerFor(app: string): Promise<string | undefined>;
};

/** A running shop with a live endpoint for each app. */
export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const apps = options.apps ?? [BOT, DESK, ADS];
  const opened = await Promise.all(
    apps.map(
      async (app) => [app, await openEndpoint({ secret: secretOf(app), verifyToken: 'verify' })] as const,
    ),
  );
  const endpoints = Object.fromEntries(opened);
  const urls = Object.fromEntries(opened.map(([app, { url }]) => [app, url]));
  const baton = await openSandbox(shopWorld(urls, options));
  const post: Shop['post'] = (app, edge, body = {}) =>
    baton.graph('POST', `/v20.0/me/${edge}`, {
      token: tokenOf(app),
      body: { recipient: { id: BUDI }, ...body },
    });
  return {
    baton,
    endpoints,
    post,
    async heard(app) {
      await baton.sandbox('POST', '/settle');
      return (endpoints[app]?.heard ?? [])
        .filter(({ kind }) => kind !== 'app_roles')
        .map(({ channel, kind }) => `${channel} ${kind}`);
    },
    async says(text) {
      const answer = await baton.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text });
      return String(answer['message_id']);
    },
    async ownerFor(app) {
      const { body } = await baton.graph('GET', `/me/thread_owner?recipient=${BUDI}`, {
        token: tokenOf(app),
      });
      const [first] = body['data'] as readonly { readonly thread_owner: { readonly app_id?: string } }[];
      return first?.thread_owner.app_id;
    },
    async [Symbol.asyncDispose]() {
      await baton[Symbol.asyncDispose]();
      for (const endpoint of Object.values(endpoints)) await endpoint[Symbol.asyncDispose]();
    },
  };
}
