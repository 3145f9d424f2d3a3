/** One row of every kind of configuration, with all that a row can hold, in two states. */

import { type ConfigKind, type ConfigRow, NEW_APP, NEW_WEBHOOK } from '../../store/config.ts';
import { BOT, CUSTOMER, DESK, OTHER_CUSTOMER, PAGE, PERSON, pageRecord } from './world.ts';

/** Text that is hard to keep: a NUL, lone surrogates, quotes, other scripts, a letter beyond 16 bits. */
export const ODD = 'a\u0000b\ud800c\udc00d \'"`\\ \n\r\t é ☕ 🙂 कॉफ़ी قهوة \u2028 \ufeff';

type Pair = { readonly full: ConfigRow; readonly bare: ConfigRow };

/** Both rows of a pair have the same key. Pages bear version 1. */
export const ROWS: Readonly<Record<ConfigKind, Pair>> = {
  person: {
    full: { kind: 'person', value: { id: PERSON, name: ODD, passwordHash: 'scrypt$1$2' } },
    bare: { kind: 'person', value: { id: PERSON, name: '', passwordHash: null } },
  },
  page: {
    full: {
      kind: 'page',
      value: pageRecord(PAGE, {
        name: ODD,
        platform: 'instagram',
        mode: 'conversation_routing',
        switches: { number: 3, at: 1_700_000_000_321 },
        lead: BOT,
        idleChannel: 'standby',
        entryPoints: [
          { source: 'SHORTLINK', key: ODD, app: DESK, days: 30 },
          { source: 'ADS', key: '777', app: BOT, days: 1 },
        ],
        people: [
          { person: PERSON, tasks: ['MODERATE', 'MANAGE'] },
          { person: PERSON, tasks: [] },
        ],
        retentionDays: 3_650,
        version: 1,
      }),
    },
    bare: { kind: 'page', value: pageRecord(PAGE, { name: '', version: 1 }) },
  },
  app: {
    full: {
      kind: 'app',
      value: {
        id: BOT,
        name: ODD,
        secret: ODD,
        previousSecret: { secret: `old ${ODD}`, until: 1_700_000_000_987 },
        live: true,
        advancedAccess: ['pages_messaging', 'human_agent'],
        testers: [OTHER_CUSTOMER, CUSTOMER],
        roles: [{ person: PERSON, role: 'developer' }],
        redirectUris: ['https://example.com/back', `https://example.com/${ODD}`],
      },
    },
    bare: {
      kind: 'app',
      value: { id: BOT, name: '', secret: '', live: false, advancedAccess: [], ...NEW_APP },
    },
  },
  webhook: {
    full: {
      kind: 'webhook',
      value: {
        app: BOT,
        object: 'instagram',
        callbackUrl: `http://127.0.0.1/${ODD}`,
        verifyToken: ODD,
        fields: ['messages', ODD],
        verifiedAt: 1_700_000_000_123,
        maxBatch: 100,
        warnedAt: 1_700_000_000_456,
        switchedOffAt: 1_700_000_000_789,
      },
    },
    bare: {
      kind: 'webhook',
      value: {
        app: BOT,
        object: 'instagram',
        callbackUrl: '',
        verifyToken: '',
        fields: [],
        ...NEW_WEBHOOK,
      },
    },
  },
  connection: {
    full: {
      kind: 'connection',
      value: {
        page: PAGE,
        app: BOT,
        subscribed: true,
        permissions: ['pages_messaging', 'pages_show_list'],
        takeControl: true,
        standbyAccess: true,
        fields: ['standby', ODD],
        number: 3,
        losses: [
          { number: 1, at: 5, of: { kind: 'everybody' } },
          { number: 2, at: 6, of: { kind: 'customers', except: [CUSTOMER] } },
          { number: 3, at: 7, of: { kind: 'customer', psid: CUSTOMER } },
        ],
      },
    },
    bare: {
      kind: 'connection',
      value: {
        page: PAGE,
        app: BOT,
        subscribed: false,
        permissions: [],
        takeControl: false,
        standbyAccess: false,
        fields: [],
        number: 0,
        losses: [],
      },
    },
  },
  token: {
    full: {
      kind: 'token',
      value: {
        kind: 'page',
        hash: 'ab'.repeat(32),
        app: BOT,
        page: PAGE,
        person: PERSON,
        scopes: ['pages_messaging', 'pages_show_list'],
        issuedAt: 1_700_000_000_111,
        expiresAt: 1_700_000_000_222,
        source: 'sign_in',
        parent: 'cd'.repeat(32),
      },
    },
    bare: {
      kind: 'token',
      value: {
        kind: 'code',
        hash: 'ab'.repeat(32),
        app: DESK,
        person: PERSON,
        scopes: [],
        issuedAt: 0,
        expiresAt: null,
        redirectUri: ODD,
      },
    },
  },
  persona: {
    full: { kind: 'persona', value: { id: '31', page: PAGE, app: BOT, name: ODD, pictureUrl: ODD } },
    bare: { kind: 'persona', value: { id: '31', page: PAGE, app: DESK, name: '', pictureUrl: '' } },
  },
  profile: {
    full: {
      kind: 'profile',
      value: { page: PAGE, app: BOT, part: 'persistent_menu', value: [{ locale: 'default', title: ODD }] },
    },
    bare: { kind: 'profile', value: { page: PAGE, app: DESK, part: 'persistent_menu', value: null } },
  },
  review: {
    full: {
      kind: 'review',
      value: {
        id: `${BOT}/1`,
        app: BOT,
        feature: 'human_agent',
        note: ODD,
        askedAt: 1_700_000_000_333,
        decision: { granted: false, reason: ODD, at: 1_700_000_000_444 },
      },
    },
    bare: {
      kind: 'review',
      value: { id: `${BOT}/1`, app: BOT, feature: 'pages_messaging', note: '', askedAt: 0, decision: null },
    },
  },
};

/** Where the rows of a kind are found in a `Config`. */
export const LISTS = {
  person: 'people',
  page: 'pages',
  app: 'apps',
  webhook: 'webhooks',
  connection: 'connections',
  token: 'tokens',
  persona: 'personas',
  profile: 'profile',
  review: 'reviews',
} as const satisfies Record<ConfigKind, string>;

export const KINDS = Object.keys(LISTS) as ConfigKind[];
