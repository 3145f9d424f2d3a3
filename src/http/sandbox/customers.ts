/** The customer's side: what they do, and what they see. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AppId, type Mid, parseMid } from '../../protocol/ids.ts';
import type { Act, Attachment, Json, JsonObject, Referral } from '../../protocol/message.ts';
import type { Instant } from '../../protocol/time.ts';
import { newMid } from '../../runtime/mids.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ThreadKey } from '../../store/port.ts';
import { MAX_PAYLOAD } from '../../wire/limits.ts';
import { fail, isObject, listAt, readBody, textAt } from './body.ts';
import { buttonOf } from './buttons.ts';
import { readScreen } from './screen.ts';
import { carryOut, threadOf } from './threads.ts';

/** Longest text that a customer can write, in characters. */
export const MAX_CUSTOMER_TEXT = 20_000;
/** Most attachments of a customer's message. */
export const MAX_ATTACHMENTS = 30;
/** Longest `ref` or `ad_id` of a referral, in characters. */
export const MAX_REF = 2_083;

export function addCustomers(app: FastifyInstance, runtime: Runtime): void {
  const path = '/sandbox/pages/:page/customers/:psid';

  app.post(`${path}/message`, async (request) => {
    const key = threadOf(runtime, request);
    const act = readMessage(request, runtime.clock.now());
    await carryOut(runtime, key, { type: 'receive', act });
    return { message_id: act.mid };
  });

  app.post(`${path}/postback`, async (request) => {
    const key = threadOf(runtime, request);
    await carryOut(runtime, key, { type: 'receive', act: await readTap(runtime, key, request) });
    return { success: true };
  });

  app.post(`${path}/referral`, async (request) => {
    const key = threadOf(runtime, request);
    const body = readBody(request, ['source', 'type', 'ad_id', 'ref']);
    await carryOut(runtime, key, {
      type: 'receive',
      act: { kind: 'referral', referral: readReferral(body) },
    });
    return { success: true };
  });

  app.post(`${path}/read`, async (request) => {
    const key = threadOf(runtime, request);
    readBody(request, []);
    await carryOut(runtime, key, { type: 'read' });
    return { success: true };
  });

  app.get(`${path}/screen`, async (request) => readScreen(runtime, threadOf(runtime, request)));
}

function readMessage(request: FastifyRequest, now: Instant): Extract<Act, { kind: 'message' }> {
  const body = readBody(request, ['text', 'attachments', 'quick_reply', 'referral']);
  const text = textAt(body, 'text', MAX_CUSTOMER_TEXT);
  const attachments = listAt(body, 'attachments', MAX_ATTACHMENTS).map(readAttachment);
  if (text === null && attachments.length === 0) fail('text', 'A message needs text or attachments');
  const quick = body['quick_reply'];
  if (quick !== undefined && !isObject(quick))
    fail('quick_reply', 'quick_reply must be an object with a payload');
  const referral = body['referral'];
  if (referral !== undefined && !isObject(referral)) fail('referral', 'referral must be an object');
  return {
    kind: 'message',
    mid: newMid(now),
    text,
    attachments,
    quickReplyPayload: isObject(quick)
      ? (textAt(quick, 'payload', MAX_PAYLOAD) ?? fail('quick_reply.payload', 'quick_reply needs a payload'))
      : null,
    referral: isObject(referral) ? readReferral(referral) : null,
  };
}

function readAttachment(item: Json, index: number): Attachment {
  const at = `attachments[${index}]`;
  if (!isObject(item)) return fail(at, `${at} must be an object with type and payload`);
  const { type, payload } = item;
  if (typeof type !== 'string' || type === '') return fail(`${at}.type`, `${at} needs a type`);
  if (payload !== undefined && !isObject(payload))
    return fail(`${at}.payload`, `${at}.payload must be an object`);
  return { type, payload: payload ?? {} };
}

/** The ad or link that the customer came by. */
export function readReferral(body: JsonObject): Referral {
  const source = body['source'];
  if (source !== 'ADS' && source !== 'SHORTLINK') return fail('source', 'source must be ADS or SHORTLINK');
  const adId = textAt(body, 'ad_id', MAX_REF);
  const ref = textAt(body, 'ref', MAX_REF);
  if (source === 'ADS' && adId === null) return fail('ad_id', 'A referral of source ADS needs an ad_id');
  return { source, type: textAt(body, 'type', MAX_REF) ?? 'OPEN_THREAD', adId, ref };
}

async function readTap(runtime: Runtime, key: ThreadKey, request: FastifyRequest): Promise<Act> {
  const body = readBody(request, ['mid', 'button', 'element']);
  const { mid, maker, attachment } = await readSent(runtime, key, body);
  return { kind: 'postback', tapped: 'button', mid, maker, referral: null, ...buttonOf(attachment, body) };
}

/** The message of an app that `mid` names; it must have been sent to this customer. */
export async function readSent(
  runtime: Runtime,
  key: ThreadKey,
  body: JsonObject,
): Promise<{
  readonly mid: Mid;
  readonly maker: AppId;
  readonly attachment: Attachment | null;
  readonly deliveredAt: Instant;
}> {
  const mid = parseMid(textAt(body, 'mid', MAX_PAYLOAD) ?? '') ?? fail('mid', 'mid must be a message id');
  const found = await runtime.store.message(mid);
  if (found === null || found.page !== key.page || found.psid !== key.psid) {
    return fail('mid', `This customer has no message ${mid}`);
  }
  const { event, timestamp: deliveredAt } = found.recorded;
  if (event.type !== 'message_sent') return fail('mid', `Message ${mid} was not sent to the customer`);
  return { mid, maker: event.app, attachment: event.message.attachment, deliveredAt };
}
