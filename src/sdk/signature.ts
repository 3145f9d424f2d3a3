/** `X-Hub-Signature-256`: whether a body comes from somebody who knows the app's secret. */

const PREFIX = 'sha256=';
const DIGEST_BYTES = 32;
const HEX = /^[0-9a-f]*$/i;

/** Whether a header is the signature of these bytes; in a time that tells nothing of where it differs. */
export type Verify = (bytes: Uint8Array<ArrayBuffer>, header: string | null) => Promise<boolean>;

/** @param secret the app's secret, not empty */
export function createVerify(secret: string): Verify {
  const raw = new TextEncoder().encode(secret);
  if (raw.length === 0) throw new TypeError('the secret of the app must not be empty');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = crypto.subtle.importKey('raw', raw, algorithm, false, ['verify']);
  // Whoever verifies waits for it; without a webhook nobody does.
  key.catch(() => undefined);
  return async (bytes, header) => {
    const signature = digestIn(header);
    return signature !== null && crypto.subtle.verify('HMAC', await key, signature, bytes);
  };
}

function digestIn(header: string | null): Uint8Array<ArrayBuffer> | null {
  if (header === null || !header.startsWith(PREFIX)) return null;
  const hex = header.slice(PREFIX.length);
  if (hex.length !== DIGEST_BYTES * 2 || !HEX.test(hex)) return null;
  return Uint8Array.from({ length: DIGEST_BYTES }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}
