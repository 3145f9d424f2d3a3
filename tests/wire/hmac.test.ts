import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hmac, MAX_SHORT_MESSAGE_BYTES, MAX_SIGNING_KEYS } from '../../src/wire/hmac.ts';

const ALGORITHMS = ['sha1', 'sha256'] as const;
const ENCODINGS = ['hex', 'base64'] as const;

test('[W6] signatures are those of RFC 2104, whatever the key, the message and what was signed before', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ALGORITHMS),
      fc.constantFrom(...ENCODINGS),
      fc.string({ unit: 'binary', maxLength: 80, size: 'max' }),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.uint8Array({ maxLength: 300, size: 'max' }),
      (algorithm, encoding, secret, prefix, content) => {
        const bytes = Buffer.from(content);
        assert.equal(
          hmac(algorithm, secret, { prefix, bytes, encoding }),
          createHmac(algorithm, secret).update(prefix).update(bytes).digest(encoding),
        );
      },
    ),
  );
});

test('[limit MAX_SHORT_MESSAGE_BYTES] a message of that size is signed as a shorter and a longer one', () => {
  for (const algorithm of ALGORITHMS) {
    for (const size of [0, ...[-1, 0, 1].map((more) => MAX_SHORT_MESSAGE_BYTES + more), 100_000]) {
      const bytes = Buffer.alloc(size, 0xe9);
      const expected = createHmac(algorithm, 'secret').update(bytes).digest('hex');
      assert.equal(hmac(algorithm, 'secret', { bytes, encoding: 'hex' }), expected);
    }
  }
});

test('[limit MAX_SIGNING_KEYS] a key is that of its own secret, however many others there have been', () => {
  const bytes = Buffer.from('{}');
  const signed = (secret: string): string => hmac('sha256', secret, { bytes, encoding: 'hex' });
  const before = signed('first');
  const count = 2 * MAX_SIGNING_KEYS + 1;
  const others = new Set(Array.from({ length: count }, (_, index) => signed(`secret ${index}`)));
  assert.equal(others.size, count);
  assert.equal(signed('first'), before);
  assert.ok(!others.has(before));
});
