import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankTexts } from '../../src/protocol/blank.ts';
import type { Addressed, ControlChanged, Event, Recorded } from '../../src/protocol/event.ts';
import {
  type AppId,
  type Mid,
  PAGE_INBOX,
  PAGE_LANE,
  type PageId,
  type Psid,
} from '../../src/protocol/ids.ts';
import type { Json, JsonObject, Referral } from '../../src/protocol/message.ts';
import type { Channel } from '../../src/protocol/page.ts';
import { type NoticeInput, renderNotice } from '../../src/wire/webhook.ts';
import { MID } from './calls.ts';

const BOT = '2001' as AppId;
const DESK = '2002' as AppId;
const AT = 1_700_000_000_123;
const page: NoticeInput['page'] = { id: '1001' as PageId, platform: 'messenger' };
const psid = '5001' as Psid;

const told = (app: AppId, channel: Channel): Addressed => ({
  app,
  channel,
  outcome: { told: true, laneSeq: 3 },
});
const recordedOf = (event: Event, audience: readonly Addressed[]): Recorded => ({
  seq: 9,
  at: AT - 1,
  timestamp: AT,
  epoch: 4,
  event,
  audience,
});

const numbers = { timestamp: AT, thread_seq: 9, control_epoch: 4, lane_seq: 3 };
const fromCustomer = { sender: { id: '5001' }, recipient: { id: '1001' }, ...numbers };

/** The POST's body, as clients parse it. */
function notice(event: Event, app: AppId, channel: Channel, more: Partial<NoticeInput> = {}): Json {
  return renderNotice({ page, app, psid, recorded: recordedOf(event, [told(app, channel)]), ...more });
}

const body = (list: 'messaging' | 'standby', item: JsonObject): Json => ({
  object: 'page',
  entry: [{ id: '1001', time: AT, [list]: [item] }],
});

const ad: Referral = { source: 'ADS', type: 'OPEN_THREAD', adId: '777', ref: null };
const link: Referral = { source: 'SHORTLINK', type: 'OPEN_THREAD', adId: null, ref: 'spring' };

const message = (rest: object = {}): Event => ({
  type: 'act_received',
  act: {
    kind: 'message',
    mid: MID,
    text: 'Hi',
    attachments: [],
    quickReplyPayload: null,
    referral: null,
    ...rest,
  },
});

test('[W2] the owner gets a message as messaging, another app as standby, never both', () => {
  const item = { ...fromCustomer, message: { mid: 'm_1', text: 'Hi' } };
  assert.deepEqual(notice(message(), BOT, 'messages'), body('messaging', item));
  assert.deepEqual(notice(message(), DESK, 'standby'), body('standby', item));
});

test('an app that is not told gets nothing', () => {
  const withheld: Addressed = {
    app: BOT,
    channel: 'messages',
    outcome: { told: false, reason: 'no_role', field: null },
  };
  const recorded = recordedOf(message(), [withheld, told(DESK, 'standby')]);
  assert.equal(renderNotice({ page, psid, app: BOT, recorded }), null);
  assert.equal(renderNotice({ page, psid, app: '2003' as AppId, recorded }), null);
  assert.notEqual(renderNotice({ page, psid, app: DESK, recorded }), null);
});

test('each app sees its own lane_seq', () => {
  const second: Addressed = { app: DESK, channel: 'standby', outcome: { told: true, laneSeq: 8 } };
  const recorded = recordedOf(message(), [told(BOT, 'messages'), second]);
  assert.match(JSON.stringify(renderNotice({ page, psid, app: DESK, recorded })), /"lane_seq":8/);
});

test('[E2] [B4] what a message carries, its quick reply on standby too', () => {
  const attachments = [{ type: 'image', payload: { url: 'https://a.example/x.png' } }];
  const event = message({ text: null, attachments, quickReplyPayload: 'YES', referral: ad });
  const parts = {
    mid: 'm_1',
    quick_reply: { payload: 'YES' },
    attachments,
    referral: { source: 'ADS', type: 'OPEN_THREAD', ad_id: '777' },
  };
  const wanted = body('standby', { ...fromCustomer, message: parts });
  assert.deepEqual(notice(event, DESK, 'standby'), wanted);
});

const postback = (payload: string | null, referral: Referral | null = null): Event => ({
  type: 'act_received',
  act: { kind: 'postback', tapped: 'button', mid: MID, title: 'Go', payload, maker: BOT, referral },
});

test('[B1] [B2] the maker gets the payload of a postback, others do not', () => {
  const parts = { mid: 'm_1', title: 'Go' };
  const complete = { ...fromCustomer, postback: { ...parts, payload: 'GO' } };
  assert.deepEqual(notice(postback('GO'), BOT, 'messages'), body('messaging', complete));
  const bare = { ...fromCustomer, postback: parts };
  assert.deepEqual(notice(postback('GO'), DESK, 'standby'), body('standby', bare));
});

test('[B3] without its maker a postback has no payload for anyone', () => {
  const referral = { source: 'SHORTLINK', type: 'OPEN_THREAD', ref: 'spring' };
  const item = { ...fromCustomer, postback: { mid: 'm_1', title: 'Go', referral } };
  assert.deepEqual(notice(postback(null, link), DESK, 'messages'), body('messaging', item));
});

test('[E2] a referral of its own', () => {
  const referral = { source: 'SHORTLINK', type: 'OPEN_THREAD', ref: 'spring' };
  const event: Event = { type: 'act_received', act: { kind: 'referral', referral: link } };
  assert.deepEqual(notice(event, BOT, 'messages'), body('messaging', { ...fromCustomer, referral }));
});

test('a read bears its watermark', () => {
  const item = { ...fromCustomer, read: { watermark: AT } };
  assert.deepEqual(notice({ type: 'messages_read', mid: null }, BOT, 'messages'), body('messaging', item));
});

const outgoing = {
  mid: 'm_2' as Mid,
  text: 'Hello',
  attachment: null,
  quickReplies: [],
  metadata: null,
  replyTo: null,
};
const echo = (rest: object = {}, app = BOT): Event => ({
  type: 'message_sent',
  app,
  message: { ...outgoing, ...rest },
  persona: null,
  renews: true,
});
const fromPage = { sender: { id: '1001' }, recipient: { id: '5001' }, ...numbers };

test('[W5] an echo goes from the page to the customer and names its sender by number', () => {
  const parts = { is_echo: true, app_id: 2001, mid: 'm_2', text: 'Hello' };
  const wanted = { ...fromPage, message: parts };
  assert.deepEqual(notice(echo(), BOT, 'messages'), body('messaging', wanted));
  assert.deepEqual(notice(echo(), DESK, 'standby'), body('standby', wanted));
});

test('[W5] an echo carries metadata and attachments, and no quick replies', () => {
  const attachment = { type: 'template', payload: { template_type: 'button', text: 'x', buttons: [] } };
  const quickReplies = [{ content_type: 'text', title: 'Yes', payload: 'YES' }];
  const event = echo({ text: null, attachment, metadata: 'm', quickReplies }, PAGE_INBOX);
  const parts = {
    is_echo: true,
    app_id: 263902037430900,
    metadata: 'm',
    mid: 'm_2',
    attachments: [attachment],
  };
  assert.deepEqual(notice(event, DESK, 'standby'), body('standby', { ...fromPage, message: parts }));
});

test('[B2] [W5] what a button sends back is shown in the echo to the app that made it, and to nobody else', () => {
  const button = { type: 'postback', title: 'More' };
  const template = (buttons: readonly JsonObject[]) => ({
    type: 'template',
    payload: { template_type: 'generic', elements: [{ title: 'x', buttons }] },
  });
  const event = echo({ text: null, attachment: template([{ ...button, payload: 'SECRET' }]) });
  const parts = (buttons: readonly JsonObject[]) => ({
    ...fromPage,
    message: { is_echo: true, app_id: 2001, mid: 'm_2', attachments: [template(buttons)] },
  });
  assert.deepEqual(
    notice(event, BOT, 'messages'),
    body('messaging', parts([{ ...button, payload: 'SECRET' }])),
  );
  assert.deepEqual(notice(event, DESK, 'standby'), body('standby', parts([button])));
  assert.deepEqual(notice(event, DESK, 'messages'), body('messaging', parts([button])));
});

const change = (rest: Partial<ControlChanged>): Event => ({
  type: 'control_changed',
  cause: 'pass',
  actor: BOT,
  previous: BOT,
  next: DESK,
  connection: 0,
  metadata: null,
  ...rest,
});

test('[C6] [W3] the new owner gets pass_thread_control with both owners as numbers, and metadata always', () => {
  const parts = { previous_owner_app_id: 2001, new_owner_app_id: 2002, metadata: null };
  const item = { ...fromCustomer, pass_thread_control: parts };
  assert.deepEqual(notice(change({}), DESK, 'messages'), body('messaging', item));
});

test('[C6] [C8] from idle the previous owner is null', () => {
  const parts = { previous_owner_app_id: null, new_owner_app_id: 2002, metadata: 'm' };
  const item = { ...fromCustomer, pass_thread_control: parts };
  for (const cause of ['pass', 'request'] as const) {
    const event = change({ cause, previous: null, metadata: 'm' });
    assert.deepEqual(notice(event, DESK, 'messages'), body('messaging', item), cause);
  }
});

test('[W9] an app that lost control gets take_thread_control with both owners', () => {
  const parts = { previous_owner_app_id: 2001, new_owner_app_id: 2002, metadata: null };
  const item = { ...fromCustomer, take_thread_control: parts };
  for (const cause of ['take', 'postback', 'entry_point'] as const) {
    const event = change({ cause, actor: cause === 'take' ? DESK : null });
    assert.deepEqual(notice(event, BOT, 'messages'), body('messaging', item), cause);
  }
});

test('[W9] a release tells the former owner nothing', () => {
  assert.equal(notice(change({ cause: 'release', next: null }), BOT, 'messages'), null);
});

test('[W3] an id that a number cannot hold stays text', () => {
  const ids = ['9007199254740991', '9007199254740993', '12345678901234567890', '007'] as const;
  const wire = [9007199254740991, '9007199254740993', '12345678901234567890', '007'];
  for (const [index, id] of ids.entries()) {
    const event = change({ previous: id as AppId });
    const parts = { previous_owner_app_id: wire[index] ?? null, new_owner_app_id: 2002, metadata: null };
    const item = { ...fromCustomer, pass_thread_control: parts };
    assert.deepEqual(notice(event, DESK, 'messages'), body('messaging', item));
  }
});

test('[C8] [W3] a request names the asker by number', () => {
  const event: Event = { type: 'control_requested', app: DESK, connection: 0, switches: 0, metadata: null };
  const item = { ...fromCustomer, request_thread_control: { requested_owner_app_id: 2002, metadata: null } };
  assert.deepEqual(notice(event, BOT, 'messages'), body('messaging', item));
});

test('[C12] passed metadata names sender and target', () => {
  const event: Event = { type: 'metadata_passed', app: BOT, target: DESK, metadata: 'wait' };
  const parts = { sender_app_id: 2001, target_app_id: 2002, metadata: 'wait' };
  const item = { ...fromCustomer, pass_thread_metadata: parts };
  assert.deepEqual(notice(event, DESK, 'messages'), body('messaging', item));
});

test('nobody is told of what has been blanked', () => {
  const outgoing = { mid: MID, text: 'a', attachment: null, quickReplies: [], metadata: 'b', replyTo: null };
  const postback = {
    kind: 'postback',
    tapped: 'button',
    mid: MID,
    title: 'a',
    payload: 'b',
    maker: BOT,
    referral: link,
  } as const;
  const said: readonly Event[] = [
    { type: 'message_sent', app: BOT, message: outgoing, persona: null, renews: true },
    { type: 'act_received', act: postback },
    { type: 'metadata_passed', app: BOT, target: DESK, metadata: '' },
  ];
  for (const event of said) {
    assert.notEqual(notice(event, DESK, 'messages'), null, event.type);
    assert.equal(notice(blankTexts(event), DESK, 'messages'), null, event.type);
  }
});

test('[P6] app_roles has no sender, and tells each app its own new role', () => {
  const event: Event = { type: 'primary_receiver_changed', previous: BOT, next: DESK };
  const item = (app: string, role: string): JsonObject => ({
    recipient: { id: '1001' },
    ...numbers,
    app_roles: { [app]: [role] },
  });
  const lane = { psid: PAGE_LANE };
  assert.deepEqual(
    notice(event, DESK, 'messages', lane),
    body('messaging', item('2002', 'primary_receiver')),
  );
  assert.deepEqual(
    notice(event, BOT, 'messages', lane),
    body('messaging', item('2001', 'secondary_receiver')),
  );
});

test('an Instagram account has its own object and entry', () => {
  const account: NoticeInput['page'] = { id: '17840001' as PageId, platform: 'instagram' };
  const item = { ...fromCustomer, recipient: { id: '17840001' }, message: { mid: 'm_1', text: 'Hi' } };
  assert.deepEqual(notice(message(), BOT, 'messages', { page: account }), {
    object: 'instagram',
    entry: [{ id: '17840001', time: AT, messaging: [item] }],
  });
});
