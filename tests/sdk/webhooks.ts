/** Webhooks for a receiver of the SDK, signed as Baton signs them. */

import { createHmac } from 'node:crypto';
import type { Receiver } from '../../src/sdk/receiver.ts';

export const SECRET = 'app secret';
export const VERIFY_TOKEN = 'verify me';

/** A customer's message, the `laneSeq`th thing that the app is told of the thread. */
export const messageItem = (laneSeq: number, { psid = '5001', timestamp = 1_000 + laneSeq } = {}) => ({
  sender: { id: psid },
  recipient: { id: '1001' },
  timestamp,
  thread_seq: laneSeq * 2,
  control_epoch: 1,
  lane_seq: laneSeq,
  message: { mid: `m_${laneSeq}`, text: `number ${laneSeq}` },
});

export const bodyOf = (items: readonly object[], list = 'messaging'): string =>
  JSON.stringify({ object: 'page', entry: items.map((item) => ({ id: '1001', time: 1, [list]: [item] })) });

export const signatureOf = (body: string, secret = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** The status with which a webhook is answered. */
export async function deliver(
  receiver: Receiver,
  body: string,
  signature: string | null = signatureOf(body),
): Promise<number> {
  const headers: Record<string, string> = signature === null ? {} : { 'x-hub-signature-256': signature };
  const request = new Request('http://app.test/webhook', { method: 'POST', headers, body });
  return (await receiver.handle(request)).status;
}
