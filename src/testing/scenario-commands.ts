/** Commands as a story tells them: `take(DESK)`, `pass(BOT, DESK, {metadata})`, `write('Hi')`. */

import type { AfterSend, Command, Folder } from '../protocol/command.ts';
import {
  type AppId,
  type Mid,
  type PageId,
  type Psid,
  parseAppId,
  parseMid,
  parsePageId,
  parsePsid,
} from '../protocol/ids.ts';
import type { Json, Outgoing, Referral } from '../protocol/message.ts';
import { SECOND_MS } from '../protocol/time.ts';

function parsed<Value>(value: Value | null, text: string): Value {
  if (value === null) throw new Error(`no id: ${text}`);
  return value;
}

/** The id, or an exception: what a test names must be well-formed. */
export const appId = (digits: string): AppId => parsed(parseAppId(digits), digits);
export const pageId = (digits: string): PageId => parsed(parsePageId(digits), digits);
export const psid = (digits: string): Psid => parsed(parsePsid(digits), digits);
export const mid = (text: string): Mid => parsed(parseMid(text), text);

/** The apps, the page and the customer of most stories. */
export const BOT = appId('2001');
export const DESK = appId('2002');
export const QUIZ = appId('2003');
/** An app that no page of a story knows. */
export const STRANGER = appId('2999');
export const CUSTOMER = psid('5001');

/** What a call may say besides. */
export type Said = { readonly metadata?: string | null; readonly epoch?: number | null };
const said = ({ metadata = null, epoch = null }: Said) => ({ metadata, controlEpoch: epoch });

/** @param target null: without `target_app_id` */
export const pass = (caller: AppId, target: AppId | null, more: Said = {}): Command => ({
  type: 'pass',
  caller,
  target,
  ...said(more),
});
export const take = (caller: AppId, more: Said = {}): Command => ({ type: 'take', caller, ...said(more) });
export const request = (caller: AppId, more: Said = {}): Command => ({
  type: 'request',
  caller,
  ...said(more),
});
export const release = (caller: AppId, more: Said = {}): Command => ({
  type: 'release',
  caller,
  ...said(more),
});
export const extend = (
  caller: AppId,
  durationSeconds: number,
  { epoch = null }: Pick<Said, 'epoch'> = {},
): Command => ({ type: 'extend', caller, durationMs: durationSeconds * SECOND_MS, controlEpoch: epoch });
/** [C12] */
export const tell = (caller: AppId, target: AppId, metadata = 'wait'): Command => ({
  type: 'pass_metadata',
  caller,
  target,
  metadata,
  controlEpoch: null,
});

export type SendMore = {
  readonly text?: string;
  readonly humanAgent?: boolean;
  /** The maker of the persona that is used. */
  readonly persona?: AppId;
  readonly epoch?: number | null;
  /** [R5] */
  readonly control?: AfterSend;
};
export const send = (
  caller: AppId,
  { text, humanAgent = false, persona, epoch = null, control }: SendMore = {},
): Command => ({
  type: 'send',
  caller,
  message: outgoing(text),
  humanAgent,
  persona: persona === undefined ? null : { id: `7${persona}`, maker: persona },
  controlEpoch: epoch,
  survey: false,
  control: control ?? null,
});
export const typing = (
  caller: AppId,
  { humanAgent = false, epoch = null, control }: Pick<SendMore, 'humanAgent' | 'epoch' | 'control'> = {},
): Command => ({ type: 'signal', caller, humanAgent, controlEpoch: epoch, control: control ?? null });
/** [S1] A survey. Each has a name of its own: held ones are told apart by it. */
export const survey = (
  caller: AppId,
  name = 'm_survey',
  { text = 'How was it?', epoch = null, control }: Pick<SendMore, 'text' | 'epoch' | 'control'> = {},
): Command => ({
  type: 'send',
  caller,
  message: {
    ...outgoing(),
    mid: mid(name),
    text: null,
    attachment: { type: 'template', payload: { template_type: 'customer_feedback', title: text } },
  },
  humanAgent: false,
  persona: null,
  controlEpoch: epoch,
  survey: true,
  control: control ?? null,
});
/** [R5] What a send does to control. */
export const passing = (target: AppId | null): AfterSend => ({ type: 'pass', target, metadata: null });
export const releasing: AfterSend = { type: 'release', metadata: null };

/** [M3] A menu with these items for one customer; null: none. */
export const setMenu = (
  caller: AppId,
  items: readonly MenuItem[] | null,
  { epoch = null }: Said = {},
): Command => ({
  type: 'set_menu',
  caller,
  controlEpoch: epoch,
  menu: items === null ? null : menuOf(items),
});
/** The title of a postback, whose payload is the same; or a link. */
export type MenuItem = string | { readonly url: string };
/** A menu in Graph's shape. */
export const menuOf = (items: readonly MenuItem[]): Json => [
  {
    locale: 'default',
    call_to_actions: items.map((item) =>
      typeof item === 'string'
        ? { type: 'postback', title: item, payload: item }
        : { type: 'web_url', title: 'Open', url: item.url },
    ),
  },
];
/** The customer picks an item of the menu that they see. */
export const pick = (...path: readonly number[]): Command => ({
  type: 'tap',
  mid: mid('m_tap'),
  what: { kind: 'menu', path },
  referral: null,
});
export const getStarted = (referral: Referral | null = null): Command => ({
  type: 'tap',
  mid: mid('m_tap'),
  what: { kind: 'get_started' },
  referral,
});
export const breakIce = (index: number): Command => ({
  type: 'tap',
  mid: mid('m_tap'),
  what: { kind: 'ice_breaker', index },
  referral: null,
});
/** The customer reacts to a message. */
export const react = (action: 'react' | 'unreact' = 'react'): Command => ({
  type: 'receive',
  act: {
    kind: 'reaction',
    mid: mid('m_out'),
    action,
    reaction: action === 'react' ? 'love' : null,
    emoji: action === 'react' ? '❤' : null,
  },
});
/** [S3] The customer answers a survey that `maker` sent. */
export const answerSurvey = (maker: AppId, until?: number): Command => ({
  type: 'receive',
  act: {
    kind: 'feedback',
    mid: mid('m_survey'),
    maker,
    screens: [{ screen_id: 0, questions: { q: { type: 'csat', payload: '5' } } }],
  },
  ...(until === undefined ? {} : { until }),
});

/** A click-to-Messenger ad. */
export const ad = (adId: string): Referral => ({ source: 'ADS', type: 'OPEN_THREAD', adId, ref: null });
/** An m.me link. */
export const link = (ref: string): Referral => ({
  source: 'SHORTLINK',
  type: 'OPEN_THREAD',
  adId: null,
  ref,
});

/** The customer writes. */
export const write = (
  text = 'Hello?',
  {
    referral = null,
    quickReply = null,
  }: { readonly referral?: Referral | null; readonly quickReply?: string | null } = {},
): Command => ({
  type: 'receive',
  act: { kind: 'message', mid: mid('m_in'), text, attachments: [], quickReplyPayload: quickReply, referral },
});
/** The customer taps a button that `maker` made. */
export const tap = (
  maker: AppId,
  {
    payload = 'PAY',
    referral = null,
  }: { readonly payload?: string; readonly referral?: Referral | null } = {},
): Command => ({
  type: 'receive',
  act: { kind: 'postback', tapped: 'button', mid: mid('m_out'), title: 'More', payload, maker, referral },
});
/** The customer comes back through an ad or a link, without a word. */
export const come = (referral: Referral): Command => ({
  type: 'receive',
  act: { kind: 'referral', referral },
});
/** The customer has read everything. */
export const read: Command = { type: 'read' };
/** Everything has reached the customer. */
export const delivered: Command = { type: 'delivered' };

/** A person answers in the inbox. */
export const reply = (text?: string): Command => ({
  type: 'inbox_reply',
  message: outgoing(text),
});
/** A person moves the thread. */
export const move = (folder: Folder): Command => ({ type: 'inbox_move', folder });

export const introduce = (name: string | null): Command => ({ type: 'introduce', name });
export const tick: Command = { type: 'tick' };

const outgoing = (text = 'Good day'): Outgoing => ({
  mid: mid('m_out'),
  text,
  attachment: null,
  quickReplies: [],
  metadata: null,
  replyTo: null,
});
