/** Every cell of the permission table, over HTTP: each on a thread of its own, and compared with the table. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODES, type Mode } from '../../src/protocol/modes.ts';
import {
  type CallName,
  PAGE_PERMISSIONS,
  PERMISSIONS,
  STANDINGS,
  type Standing,
  type Verdict,
} from '../../src/protocol/permissions.ts';
import { type HttpAnswer, openSandbox, type Sandbox } from '../../src/testing/sandbox.ts';
import { ERRORS, type ErrorName } from '../../src/wire/errors.ts';

const [LEAD, OWNER, OTHER, TARGET] = ['2001', '2002', '2003', '2004'];
/** The pages of either mode; those that nobody leads. */
const LED: Readonly<Record<Mode, string>> = { handover: '1001', conversation_routing: '1002' };
const UNLED: Readonly<Record<Mode, string>> = { handover: '1003', conversation_routing: '1004' };

const token = (app: string, page: string): string => `token-${app}-${page}`;

const world = {
  pages: MODES.flatMap((mode) => [
    { id: LED[mode], name: `Led, ${mode}`, mode, primary_receiver: LEAD, default_app: LEAD },
    { id: UNLED[mode], name: `Unled, ${mode}`, mode },
  ]),
  apps: [LEAD, OWNER, OTHER, TARGET].map((id = '') => ({
    id,
    name: `App ${id}`,
    advanced_access: ['pages_messaging'],
    pages: [...Object.values(LED), ...Object.values(UNLED)].map((page) => ({
      id: page,
      access_token: token(id, page),
    })),
  })),
};

type Place = { readonly baton: Sandbox; readonly page: string; readonly psid: string };

/** A thread on which the customer has just written: idle, or controlled by `OWNER`. */
async function placed(
  baton: Sandbox,
  page: string,
  { psid, owned }: { psid: string; owned: boolean },
): Promise<Place> {
  const place = { baton, page, psid };
  await baton.sandbox('POST', `/pages/${page}/customers/${psid}/message`, { text: 'Hello?' });
  await baton.sandbox('POST', `/pages/${page}/inbox/${psid}/move`, { folder: 'main' });
  await baton.sandbox('POST', `/pages/${page}/inbox/${psid}/pass`, { target_app_id: OWNER });
  if (!owned) assert.equal((await call(place, OWNER ?? '', 'POST', 'release_thread_control')).status, 200);
  return place;
}

const call = (
  { baton, page, psid }: Place,
  app: string,
  method: string,
  edge: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<HttpAnswer> =>
  baton.graph(method, `/v24.0/${page}/${edge}`, {
    token: token(app, page),
    ...(method === 'GET' ? {} : { body: { recipient: { id: psid }, ...body } }),
  });

const SURVEY = {
  template_type: 'customer_feedback',
  title: 'How was it?',
  subtitle: 'Tell us',
  button_title: 'Rate',
  feedback_screens: [{ questions: [{ id: 'q1', type: 'csat' }] }],
  business_privacy: { url: 'https://example.com/privacy' },
};
const MENU = [{ locale: 'default', call_to_actions: [{ type: 'postback', title: 'More', payload: 'MORE' }] }];

/** One well-formed attempt at each call. */
function attempt(place: Place, app: string, name: CallName): Promise<HttpAnswer> {
  const { psid } = place;
  const post = (edge: string, body?: Readonly<Record<string, unknown>>) =>
    call(place, app, 'POST', edge, body);
  switch (name) {
    case 'send':
      return post('messages', { message: { text: 'Good day' } });
    case 'survey':
      return post('messages', { message: { attachment: { type: 'template', payload: SURVEY } } });
    case 'pass':
      return post('pass_thread_control', { target_app_id: TARGET });
    case 'take':
    case 'request':
    case 'release':
      return post(`${name}_thread_control`);
    case 'extend':
      return post('extend_thread_control', { duration: 60 });
    case 'pass_metadata':
      return post('pass_thread_metadata', { target_app_id: TARGET, metadata: 'm' });
    case 'set_menu':
      return post('custom_user_settings', { psid, persistent_menu: MENU });
    case 'thread_owner':
    case 'thread_requests':
      return call(place, app, 'GET', `${name}?recipient=${psid}`);
  }
}

/** What a person in the inbox can do; the rest of its row is nobody's to call. */
async function attemptInInbox({ baton, page, psid }: Place, name: CallName): Promise<HttpAnswer | null> {
  const path = `/sandbox/pages/${page}/inbox/${psid}`;
  const post = (edge: string, body: unknown) =>
    baton.call('POST', `${path}/${edge}`, { body: JSON.stringify(body) });
  if (name === 'take') return post('move', { folder: 'main' });
  return name === 'pass' ? post('pass', { target_app_id: TARGET }) : null;
}

/** The name of the error that a verdict leads to; null: none. */
function errorOf(verdict: Verdict, owned: boolean): ErrorName | null {
  switch (verdict) {
    case 'yes':
    case 'hold':
    case 'unnamed':
    case 'take_right':
      return null;
    case 'human_agent':
      return owned ? 'controlled_by_another' : 'not_default_app';
    default:
      return verdict;
  }
}

function compare(answer: HttpAnswer, wanted: ErrorName | null, cell: string): void {
  if (wanted === null) {
    assert.equal(answer.status, 200, `${cell}: ${JSON.stringify(answer.body)}`);
    return;
  }
  const error = answer.body['error'] as Readonly<Record<string, unknown>> | undefined;
  const { status, code, subcode, message } = ERRORS[wanted];
  const seen = { status: answer.status, code: error?.['code'], subcode: error?.['error_subcode'] ?? null };
  assert.deepEqual(seen, { status, code, subcode }, `${cell}: ${JSON.stringify(answer.body)}`);
  assert.equal(error?.['message'], `(#${code}) ${message}`, cell);
}

const CALLERS: Readonly<Record<Exclude<Standing, 'inbox'>, string>> = {
  owner: OWNER ?? '',
  lead: LEAD ?? '',
  other: OTHER ?? '',
};

for (const mode of MODES) {
  test(`[A6] every cell of the permission table answers as the table says, ${mode}`, async (t) => {
    await using baton = await openSandbox(world);
    let cells = 0;
    for (const name of Object.keys(PERMISSIONS[mode]) as CallName[]) {
      for (const owned of [false, true]) {
        for (const standing of STANDINGS) {
          if (!owned && standing === 'owner') continue;
          const row = PERMISSIONS[mode][name];
          const verdict = owned ? row.owned[standing] : row.idle[standing as 'lead'];
          const psid = String(5_000 + cells);
          const place = await placed(baton, LED[mode], { psid, owned });
          const answer =
            standing === 'inbox'
              ? await attemptInInbox(place, name)
              : await attempt(place, CALLERS[standing], name);
          cells += 1;
          const cell = `${mode}, ${name}, ${owned ? 'owned' : 'idle'}, ${standing}`;
          if (answer !== null) compare(answer, errorOf(verdict, owned), cell);
        }
      }
    }
    t.diagnostic(`${cells} cells`);
    assert.equal(cells, Object.keys(PERMISSIONS[mode]).length * 7);
  });

  test(`[P7] [M1] [M2] every call of a page answers as the table says, ${mode}`, async () => {
    await using baton = await openSandbox(world);
    const calls = {
      secondary_receivers: (page: string, app: string) =>
        baton.graph('GET', `/${page}/secondary_receivers?fields=id, name`, { token: token(app, page) }),
      set_profile: (page: string, app: string) =>
        baton.graph('POST', `/${page}/messenger_profile`, {
          token: token(app, page),
          body: { get_started: { payload: 'GO' } },
        }),
    };
    for (const name of ['secondary_receivers', 'set_profile'] as const) {
      const { led, unled } = PAGE_PERMISSIONS[mode][name];
      compare(await calls[name](LED[mode], CALLERS.lead), errorOf(led.lead, true), `${mode}, ${name}, lead`);
      compare(
        await calls[name](LED[mode], CALLERS.other),
        errorOf(led.other, true),
        `${mode}, ${name}, other`,
      );
      compare(
        await calls[name](UNLED[mode], CALLERS.other),
        errorOf(unled, true),
        `${mode}, ${name}, not led`,
      );
    }
  });
}
