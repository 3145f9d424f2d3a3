import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AppId, PAGE_LANE, type PageId, type Psid } from '../../src/protocol/ids.ts';
import {
  appSecretProof,
  decodeUtf8,
  eventId,
  isSameSecret,
  serialise,
  signatures,
} from '../../src/wire/bytes.ts';

test('[W6] bodies are ASCII: every other unit is escaped in lower case', () => {
  assert.equal(
    serialise({ text: 'äöå 😀 / é"\n' }).toString('latin1'),
    '{"text":"\\u00e4\\u00f6\\u00e5 \\ud83d\\ude00 / \\u00e9\\"\\n"}',
  );
  assert.equal(
    serialise({ text: '\ud800\u2028\u007f' }).toString('latin1'),
    '{"text":"\\ud800\\u2028\u007f"}',
  );
});

test('[W6] what is serialised means the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = serialise({ text });
      assert.ok(bytes.every((byte) => byte < 0x80));
      assert.deepEqual(JSON.parse(bytes.toString('latin1')), { text });
    }),
  );
});

// Test case 2 of RFC 2202 (SHA-1) and of RFC 4231 (SHA-256).
const KEY = 'Jefe';
const DATA = 'what do ya want for nothing?';
const SHA256 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';

test('[W6] both signatures are the HMACs that the standards publish', () => {
  assert.deepEqual(signatures(KEY, Buffer.from(DATA)), {
    'X-Hub-Signature': 'sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    'X-Hub-Signature-256': `sha256=${SHA256}`,
  });
});

test('appsecret_proof is the HMAC of the token under the secret', () => {
  assert.equal(appSecretProof(KEY, DATA), SHA256);
});

test('[W7] the id of an event names app, page, thread and place', () => {
  const lane = { app: '2001' as AppId, page: '1001' as PageId, psid: '5001' as Psid };
  assert.equal(eventId(lane, { seq: 7 }), '2001_1001_5001_7');
  assert.equal(eventId(lane, { seq: 7, era: '0123456789ab' }), '2001_1001_5001_7_0123456789ab');
  assert.equal(eventId({ ...lane, psid: PAGE_LANE }, { seq: 7 }), '2001_1001_page_7');
});

test('secrets of any lengths are compared', () => {
  assert.equal(isSameSecret('secret', 'secret'), true);
  for (const other of ['', 'Secret', 'secret ', 'secre']) assert.equal(isSameSecret('secret', other), false);
});

test('bytes that are not UTF-8 are not a text', () => {
  assert.equal(decodeUtf8(Buffer.from([0xff])), null);
  assert.equal(decodeUtf8(Buffer.from('\ufeffé')), 'é');
  assert.equal(decodeUtf8(Buffer.from('é')), 'é');
});
