/** What else the customer does: taps on the menu, Get Started and ice breakers (M5, M6), reactions, receipts. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Tap } from '../../protocol/command.ts';
import { type Mid, parseMid } from '../../protocol/ids.ts';
import type { Act, JsonObject } from '../../protocol/message.ts';
import { newMid } from '../../runtime/mids.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ThreadKey } from '../../store/port.ts';
import { MAX_ICE_BREAKERS, MAX_MENU_DEPTH, MAX_MENU_ITEMS } from '../../wire/limits.ts';
import { fail, integerAt, isObject, listAt, readBody, textAt } from './body.ts';
import { readReferral } from './customers.ts';
import { carryOut, threadOf } from './threads.ts';

/** Longest word or sign of a reaction, in characters. */
export const MAX_REACTION_TEXT = 50;

/** The signs of the reactions that Messenger names. */
const SIGNS: Readonly<Record<string, string>> = {
  love: '❤',
  smile: '😆',
  wow: '😮',
  sad: '😢',
  angry: '😠',
  like: '👍',
  dislike: '👎',
};

export function addTaps(app: FastifyInstance, runtime: Runtime): void {
  const path = '/sandbox/pages/:page/customers/:psid';

  async function tap(
    request: FastifyRequest,
    readTap: (request: FastifyRequest) => Omit<Tap, 'type' | 'mid'>,
  ): Promise<JsonObject> {
    const key = threadOf(runtime, request);
    const mid = newMid(runtime.clock.now());
    await carryOut(runtime, key, { type: 'tap', mid, ...readTap(request) });
    return { success: true };
  }

  app.post(`${path}/menu`, (request) => tap(request, readMenuTap));
  app.post(`${path}/get_started`, (request) => tap(request, readGetStarted));
  app.post(`${path}/ice_breaker`, (request) => tap(request, readIceBreaker));

  app.post(`${path}/reaction`, async (request) => {
    const key = threadOf(runtime, request);
    const body = readBody(request, ['mid', 'reaction', 'emoji', 'action']);
    const mid = await readMid(runtime, key, body);
    await carryOut(runtime, key, { type: 'receive', act: readReaction(body, mid) });
    return { success: true };
  });

  app.post(`${path}/delivered`, async (request) => {
    const key = threadOf(runtime, request);
    readBody(request, []);
    await carryOut(runtime, key, { type: 'delivered' });
    return { success: true };
  });
}

function readMenuTap(request: FastifyRequest): Omit<Tap, 'type' | 'mid'> {
  const list = listAt(readBody(request, ['item']), 'item', MAX_MENU_DEPTH);
  if (list.length === 0) fail('item', 'item must be a list with a number for each level of the menu');
  const path = list.map((index) => integerAt({ item: index }, 'item', 0, MAX_MENU_ITEMS - 1));
  return { what: { kind: 'menu', path }, referral: null };
}

/** A customer who came through an ad or a link taps Get Started with its referral. */
function readGetStarted(request: FastifyRequest): Omit<Tap, 'type' | 'mid'> {
  const { referral = null } = readBody(request, ['referral']);
  if (referral !== null && !isObject(referral)) return fail('referral', 'referral must be an object');
  return { what: { kind: 'get_started' }, referral: referral === null ? null : readReferral(referral) };
}

function readIceBreaker(request: FastifyRequest): Omit<Tap, 'type' | 'mid'> {
  const index = integerAt(readBody(request, ['item']), 'item', 0, MAX_ICE_BREAKERS - 1);
  return { what: { kind: 'ice_breaker', index }, referral: null };
}

/** The message that is meant, the customer's own too; it must be one of this thread. */
async function readMid(runtime: Runtime, key: ThreadKey, body: JsonObject): Promise<Mid> {
  const given = body['mid'];
  const mid = parseMid(typeof given === 'string' ? given : '') ?? fail('mid', 'mid must be a message id');
  const found = await runtime.store.message(mid);
  const isHere = found !== null && found.page === key.page && found.psid === key.psid;
  return isHere ? mid : fail('mid', `This customer has no message ${mid}`);
}

function readReaction(body: JsonObject, mid: Mid): Act {
  const action = textAt(body, 'action', MAX_REACTION_TEXT) ?? 'react';
  if (action !== 'react' && action !== 'unreact') return fail('action', 'action must be react or unreact');
  if (action === 'unreact') return { kind: 'reaction', mid, action, reaction: null, emoji: null };
  const reaction = textAt(body, 'reaction', MAX_REACTION_TEXT) ?? 'love';
  const emoji = textAt(body, 'emoji', MAX_REACTION_TEXT) ?? SIGNS[reaction] ?? null;
  return { kind: 'reaction', mid, action, reaction, emoji };
}
