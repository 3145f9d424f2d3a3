/**
 * The headers of the Standard Webhooks specification (1.0), beside Meta's: an id that a receiver can de-duplicate by,
 * the time of sending, and a signature over both and the body.
 */

import { hmac } from './hmac.ts';

/**
 * @param secrets the app's secrets that are good, the newest first; the UTF-8 bytes of each are the key of a signature
 * @param sentAt the machine's time, in milliseconds
 */
export function standardHeaders(
  secrets: readonly string[],
  { id, sentAt, bytes }: { readonly id: string; readonly sentAt: number; readonly bytes: Buffer },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt / 1_000));
  const sign = (secret: string): string =>
    `v1,${hmac('sha256', secret, { prefix: `${id}.${timestamp}.`, bytes, encoding: 'base64' })}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(sign).join(' '),
  };
}
