/** Which calls may be large: those that take a file, by their path alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_BODY_BYTES } from '../../src/wire/limits.ts';
import { openApp } from './app.ts';
import { BOT, tokenOf } from './shop.ts';

test('only the path of a call says whether it takes a file', async () => {
  const app = await openApp({ apps: [BOT] });
  const payload = Buffer.alloc(MAX_BODY_BYTES + 1);
  const headers = {
    'content-type': 'multipart/form-data; boundary=b',
    authorization: `Bearer ${tokenOf(BOT)}`,
  };
  const statusOf = async (url: string): Promise<number> =>
    (await app.http.inject({ method: 'POST', url, headers, payload })).statusCode;
  for (const url of [
    '/dialog/oauth?x=/messages',
    '/dialog/oauth?/me/messages',
    '/dialog/oauth/messages',
    '/dialog/oauth#/messages',
    '/v1.0/dialog#/messages',
    '/me/personas?x=/message_attachments',
    '/me/messages/more',
  ])
    assert.equal(await statusOf(url), 413, url);
  for (const url of ['/me/messages', '/v20.0/1001/messages/?x=1', '/v2.6/me/message_attachments'])
    assert.equal(await statusOf(url), 400, url);
});
