/**
 * The check of a configuration, as a table: for every code what produces it, and what comes near and does not. The
 * shop that all rows start from is one in which nothing is found.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { AppId, PageId, PersonId, Psid } from '../../src/protocol/ids.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import { checkConfiguration } from '../../src/runtime/check/check.ts';
import {
  type Circumstances,
  FINDINGS,
  type Finding,
  type FindingCode,
} from '../../src/runtime/check/finding.ts';
import { readWorld } from '../../src/runtime/world/load.ts';
import { previewWorld } from '../../src/runtime/world/preview.ts';
import type { PageToken } from '../../src/store/access.ts';
import type { AppRecord, Config, ConnectionRecord, PageRecord, Webhook } from '../../src/store/config.ts';
import { BOT, DESK, PAGE, shopWorld } from '../http/shop.ts';

const NOW = 1_800_000_000_000;
const urls = { [BOT]: 'https://bot.example/hook', [DESK]: 'https://desk.example/hook' };
const full = { live: true, advanced_access: ['pages_messaging'] };
const world = shopWorld(urls, { apps: [BOT, DESK], more: { [BOT]: full, [DESK]: full } });

/** The shop in production, with everything in order. */
async function shop(): Promise<Config> {
  const read = readWorld(JSON.stringify(world), { sandbox: false });
  assert.ok(read.ok);
  const config = await previewWorld(read.world, { sandbox: false, now: NOW });
  return { ...config, webhooks: config.webhooks.map((each) => ({ ...each, verifiedAt: NOW })) };
}

type Change = (config: Config) => Config;
const page =
  (change: Partial<PageRecord>): Change =>
  (config) => ({ ...config, pages: config.pages.map((each) => ({ ...each, ...change })) });
const app =
  (id: string, change: Partial<AppRecord>): Change =>
  (config) => ({
    ...config,
    apps: config.apps.map((each) => (each.id === id ? { ...each, ...change } : each)),
  });
const webhook =
  (id: string, change: Partial<Webhook>): Change =>
  (config) => ({
    ...config,
    webhooks: config.webhooks.map((each) => (each.app === id ? { ...each, ...change } : each)),
  });
const connection =
  (id: string, change: Partial<ConnectionRecord>): Change =>
  (config) => ({
    ...config,
    connections: config.connections.map((each) => (each.app === id ? { ...each, ...change } : each)),
  });
const tokens =
  (change: (token: PageToken) => Partial<PageToken>): Change =>
  (config) => ({
    ...config,
    tokens: config.tokens.map((each) => (each.kind === 'page' ? { ...each, ...change(each) } : each)),
  });
const all =
  (...changes: readonly Change[]): Change =>
  (config) =>
    changes.reduce((so, change) => change(so), config);
const without = (id: string): Change => connection(id, { subscribed: false });
const isAlone = all(without(DESK), (config) => ({
  ...config,
  apps: config.apps.filter((each) => each.id !== DESK),
}));
const noWebhook =
  (id: string): Change =>
  (config) => ({ ...config, webhooks: config.webhooks.filter((each) => each.app !== id) });
/** Takes a field out of both lists of an app. */
const lacking =
  (id: string, field: string): Change =>
  (config) => {
    const less = (fields: readonly string[]) => fields.filter((each) => each !== field);
    return {
      ...config,
      webhooks: config.webhooks.map((each) =>
        each.app === id ? { ...each, fields: less(each.fields) } : each,
      ),
      connections: config.connections.map((each) =>
        each.app === id ? { ...each, fields: less(each.fields) } : each,
      ),
    };
  };
const made =
  (id: string, part: 'get_started' | 'greeting'): Change =>
  (config) => ({
    ...config,
    profile: [{ page: PAGE as PageId, app: id as AppId, part, value: {} }],
  });
const entry = (id: string): Change =>
  page({ entryPoints: [{ source: 'ADS', key: '777', app: id as AppId, days: 1 }] });
const tasks = (...list: PageRecord['people'][number]['tasks']): Change =>
  page({ people: [{ person: '9001' as PersonId, tasks: list }] });
const password: Change = (config) => ({
  ...config,
  people: config.people.map((each) => ({ ...each, passwordHash: 'scrypt$…' })),
});
const routing = page({ mode: 'conversation_routing', lead: null });
const testers = ['5001' as Psid];
const noAccess = { advancedAccess: [], testers };

type Row = {
  readonly by: Change;
  /** What comes near and is in order. */
  readonly not: Change;
  /** What the sentences tell. */
  readonly says: RegExp;
  readonly where?: Partial<Circumstances>;
};

const TABLE: Readonly<Record<FindingCode, Row>> = {
  lead_not_connected: {
    by: all(routing, page({ lead: BOT as AppId }), without(BOT)),
    not: all(routing, page({ lead: BOT as AppId })),
    says: /FAQ bot \(2001\), the default app of Kopi Senja \(1001\), is not connected.*the inbox answers first/,
  },
  lead_reaches_testers_only: {
    by: app(BOT, { live: false, testers }),
    not: app(BOT, { testers }),
    says: /primary receiver.*only its 1 testers.*baton app live 2001 on/s,
  },
  no_primary_receiver: {
    by: page({ lead: null }),
    not: all(page({ lead: null }), isAlone),
    says: /belongs to nobody until one of its 2 apps takes it.*baton page set 1001 --primary-receiver/s,
  },
  many_may_answer: {
    by: page({ lead: null, idleChannel: 'messages' }),
    not: page({ idleChannel: 'messages' }),
    says: /each of its 2 apps hears the customer as if it had/,
  },
  inbox_unattended: {
    by: routing,
    not: all(routing, password),
    says: /nobody who may answer there can sign in/,
  },
  nobody_may_send: { by: tasks('MANAGE'), not: tasks('MODERATE'), says: /baton person tasks <person> 1001/ },
  nobody_may_moderate: {
    by: tasks('MESSAGING'),
    not: tasks('MESSAGING', 'MODERATE'),
    says: /can send, and every control call is refused/,
  },
  entry_point_not_connected: {
    by: all(entry(DESK), without(DESK)),
    not: entry(DESK),
    says: /The ad 777 of Kopi Senja \(1001\) leads to Live desk \(2002\)/,
  },
  profile_hidden: {
    by: all(made(DESK, 'greeting'), without(DESK)),
    not: made(DESK, 'greeting'),
    says: /do not see its greeting: Live desk \(2002\)/,
  },
  page_without_apps: {
    by: all(without(BOT), without(DESK), page({ lead: null })),
    not: isAlone,
    says: /only its inbox hears customers/,
  },
  messaging_not_permitted: {
    by: connection(DESK, { permissions: ['pages_show_list'] }),
    not: connection(DESK, { permissions: ['pages_messaging'] }),
    says: /baton app permissions 2002 1001 --set pages_messaging,pages_show_list/,
  },
  app_reaches_nobody: {
    by: app(DESK, { live: false }),
    not: app(DESK, { live: false, testers }),
    says: /is in development and has no testers.*can write to nobody\./,
  },
  app_in_development: {
    by: app(DESK, { live: false, testers }),
    not: app(DESK, { live: true, testers }),
    says: /reaches only its 1 testers/,
  },
  app_without_access: {
    by: app(DESK, noAccess),
    not: app(DESK, { testers }),
    says: /has no advanced access to pages_messaging.*--grant pages_messaging/s,
  },
  messages_not_subscribed: {
    by: lacking(DESK, 'messages'),
    not: lacking(DESK, 'message_reads'),
    says: /never subscribed to messages on Kopi Senja \(1001\) \(not for its callback nor for the page\)/,
  },
  waiting_not_heard: {
    by: all(page({ lead: null }), lacking(DESK, 'standby')),
    not: all(page({ lead: null, idleChannel: 'messages' }), lacking(DESK, 'standby')),
    says: /will not hear that a message waits/,
  },
  standby_not_subscribed: {
    by: lacking(BOT, 'standby'),
    not: all(
      lacking(BOT, 'standby'),
      page({ mode: 'conversation_routing' }),
      connection(BOT, { standbyAccess: false }),
    ),
    says: /FAQ bot \(2001\) never subscribed to standby.*it will not hear what is said while another app has control/,
  },
  handovers_not_subscribed: {
    by: connection(DESK, { fields: ['messages', 'standby'] }),
    not: connection(DESK, { fields: ['messages', 'standby', 'messaging_handover'] }),
    says: /\(not for the page\).*--page 1001 --fields messages,standby,messaging_handovers/s,
  },
  postbacks_not_subscribed: {
    by: all(made(DESK, 'get_started'), lacking(DESK, 'messaging_postbacks')),
    not: all(made(DESK, 'greeting'), lacking(DESK, 'messaging_postbacks')),
    says: /will not hear that it is tapped/,
  },
  referrals_not_subscribed: {
    by: all(entry(DESK), lacking(DESK, 'messaging_referrals')),
    not: all(entry(BOT), lacking(DESK, 'messaging_referrals')),
    says: /who comes back through them/,
  },
  callback_missing: {
    by: webhook(BOT, { object: 'instagram' }),
    not: webhook(BOT, { object: 'page' }),
    says: /has no callback for page \(it has one for instagram\).*it answers first there/,
  },
  app_on_no_page: {
    by: without(DESK),
    not: app(DESK, { testers }),
    says: /Live desk \(2002\) is on no page/,
  },
  callback_not_verified: {
    by: webhook(BOT, { verifiedAt: null }),
    not: webhook(BOT, { verifiedAt: 1 }),
    says: /never answered the handshake.*It answers first on Kopi Senja/,
  },
  callback_refused: {
    by: webhook(BOT, { callbackUrl: 'https://localhost:5001/hook' }),
    not: webhook(BOT, { callbackUrl: 'https://8.8.8.8/hook' }),
    says: /at localhost:5001, which is not a public address.*--allow and the range of 127\.0\.0\.1/s,
  },
  callback_in_clear: {
    by: webhook(BOT, { callbackUrl: 'http://bot.example/hook' }),
    not: webhook(BOT, { callbackUrl: 'http://[::1]:5001/hook' }),
    says: /http:\/\/bot\.example: .*in the clear/,
    where: { mayDial: () => true },
  },
  callback_shared: {
    by: webhook(DESK, { callbackUrl: urls[BOT] ?? '' }),
    not: (config) => ({
      ...config,
      webhooks: [
        ...config.webhooks,
        ...config.webhooks.map((each) => ({ ...each, object: 'instagram' as const })),
      ],
    }),
    says: /Live desk \(2002\) has the same callback as FAQ bot \(2001\)/,
  },
  webhooks_switched_off: {
    by: webhook(BOT, { switchedOffAt: NOW, warnedAt: NOW }),
    not: webhook(BOT, { switchedOffAt: null }),
    says: /switched off since 2027-.*baton app on 2001; baton app resend 2001 --missed/s,
  },
  webhooks_failing: {
    by: webhook(BOT, { warnedAt: NOW }),
    not: webhook(BOT, { warnedAt: null }),
    says: /baton app deliveries 2001/,
  },
  breaker_open: {
    by: app(BOT, { testers }),
    not: noWebhook(BOT),
    says: /one conversation at a time is tried/,
    where: { openBreakers: new Set([`${BOT}/page`]) },
  },
  app_without_token: {
    by: tokens(({ app: id }) => (id === DESK ? { expiresAt: NOW } : {})),
    not: tokens(() => ({ expiresAt: NOW + 30 * DAY_MS })),
    says: /no Page token any more: the last has ended.*baton token create --app 2002 --page 1001/s,
  },
  token_without_task: {
    by: page({ people: [{ person: '9002' as PersonId, tasks: ['MODERATE'] }] }),
    not: tasks('MODERATE'),
    says: /stands on Ana \(9001\), who has neither MESSAGING nor MODERATE/,
  },
  token_without_moderate: {
    by: tasks('MESSAGING'),
    not: tasks('MODERATE'),
    says: /its control calls are refused/,
  },
  tokens_end: {
    by: tokens(({ app: id }) => (id === DESK ? { expiresAt: NOW + DAY_MS } : {})),
    not: tokens(() => ({ expiresAt: NOW + 8 * DAY_MS })),
    says: /Every token of Live desk \(2002\).*ends by 2027-/,
  },
};

const ORDINARY: Circumstances = {
  now: NOW,
  sandbox: false,
  mayDial: (address) => address === '8.8.8.8',
  openBreakers: new Set(),
};

async function check(change: Change, where: Partial<Circumstances> = {}): Promise<readonly Finding[]> {
  return checkConfiguration(change(await shop()), { ...ORDINARY, ...where });
}

test('a shop in order has no findings', async () => {
  assert.deepEqual(await check((config) => config), []);
});

for (const [code, { by, not, says, where }] of Object.entries(TABLE)) {
  test(`the check finds ${code}, and not where it comes near`, async () => {
    const findings = (await check(by, where)).filter((each) => each.code === code);
    const [first] = findings;
    assert.ok(first !== undefined, JSON.stringify(await check(by, where), null, 1));
    assert.match(`${first.message}\n${first.remedy}`, says);
    assert.ok(first.page !== undefined || first.app !== undefined, 'it names what it is about');
    const near = await check(not, where);
    assert.deepEqual(
      near.filter((each) => each.code === code),
      [],
    );
  });
}

test('in a sandbox addresses and passwords are not looked at', async () => {
  const here = all(webhook(BOT, { callbackUrl: 'http://127.0.0.1:5001/hook' }), routing);
  const codes = (await check(here, { sandbox: true })).map(({ code }) => code);
  assert.deepEqual(codes, []);
  assert.deepEqual((await check(here)).map(({ code }) => code).sort(), [
    'callback_refused',
    'inbox_unattended',
  ]);
});

test('a command that mends a list of fields mends all of it, and keeps what is in it', async () => {
  const bare = all(connection(DESK, { fields: ['message_reads'] }));
  const remedies = (await check(bare)).map(({ remedy }) => remedy);
  const fields = 'message_reads,messages,messaging_handovers,standby';
  assert.deepEqual(
    [...new Set(remedies)],
    [`Subscribe it: baton subscription set ${DESK} --page ${PAGE} --fields ${fields}`],
  );
  assert.equal(remedies.length, 3);
});

test('[W1] an app that is alone on its page is told of what it lacks as well: the inbox can take control', async () => {
  const [finding, ...more] = await check(all(isAlone, lacking(BOT, 'standby')));
  assert.match(finding?.message ?? '', /never subscribed to standby.*while the inbox has control/);
  assert.deepEqual(more, []);
});

test('[R10] of a default app that has left it is not told that new conversations go to it', async () => {
  const off = webhook(BOT, { switchedOffAt: NOW });
  const messageOf = async (change: Change) =>
    (await check(change)).find(({ code }) => code === 'webhooks_switched_off')?.message;
  const led = all(routing, page({ lead: BOT as AppId }), off);
  assert.match((await messageOf(led)) ?? '', /It answers first on Kopi Senja/);
  assert.doesNotMatch(
    (await messageOf(all(led, without(BOT)))) ?? 'nothing found: answers first',
    /answers first/,
  );
});

test('the worst stands first', async () => {
  const bad = all(without(DESK), tasks('MESSAGING'), webhook(BOT, { verifiedAt: null }));
  const severities = (await check(bad)).map(({ severity }) => severity);
  assert.deepEqual(severities, ['error', 'warning', 'note', 'note']);
});

test('the manual tells every code with its severity, and no other', () => {
  const manual = readFileSync(path.resolve(import.meta.dirname, '../../docs/reference/check.md'), 'utf8');
  const rows = [...manual.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, code, severity]) => [
    code,
    severity,
  ]);
  assert.deepEqual(Object.fromEntries(rows), FINDINGS);
});
