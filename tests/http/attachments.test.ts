/** Attachments over HTTP: uploaded, saved, sent again, fetched by customers, and forgotten. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MAX_UPLOADS, MAX_UPLOADS_OF_STRANGERS } from '../../src/http/uploads.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId, PageId } from '../../src/protocol/ids.ts';
import { MAX_PAGE_ATTACHMENTS } from '../../src/runtime/quota.ts';
import { MAX_BODY_BYTES, MAX_FILENAME, MAX_UPLOAD_BODY_BYTES } from '../../src/wire/limits.ts';
import { openApp } from './app.ts';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

const DAY = 86_400_000;
const CAT = 'https://example.org/cat.png';

type Shown = { readonly type: string; readonly payload: { readonly url: string } };
const attachment = (payload: unknown, type = 'image') => ({ message: { attachment: { type, payload } } });

/** What the customer sees last. */
async function lastShown(shop: Shop): Promise<Shown> {
  const { messages } = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const last = (messages as readonly { readonly attachment: Shown }[]).at(-1);
  assert.ok(last !== undefined);
  return last.attachment;
}

type Upload = {
  readonly bytes: Uint8Array<ArrayBuffer> | string;
  readonly contentType?: string;
  readonly filename?: string;
  readonly message?: unknown;
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** In the query. */
  readonly token?: string;
};

/** A multipart call, as form-data libraries make it. */
async function upload(shop: Shop, edge: string, options: Upload, app = BOT) {
  const { bytes, contentType = 'image/png', filename = 'cat.png', fields = {}, headers = {} } = options;
  const { token = tokenOf(app) } = options;
  const form = new FormData();
  for (const [name, text] of Object.entries(fields)) form.set(name, text);
  const message = options.message ?? attachment({ is_reusable: true }).message;
  form.set('message', JSON.stringify(message));
  form.set('filedata', new File([bytes], filename, { type: contentType }));
  return shop.baton.call('POST', `/v20.0/me/${edge}?access_token=${token}`, { body: form, headers });
}
const recipient = JSON.stringify({ id: BUDI });
const fetchFile = (url: string) => fetch(url);
/** Of a file that is fetched whole. */
async function fileHeaders(url: string): Promise<Headers> {
  const answer = await fetchFile(url);
  await answer.arrayBuffer();
  return answer.headers;
}
async function fileStatus(url: string): Promise<number> {
  const answer = await fetchFile(url);
  await answer.arrayBuffer();
  return answer.status;
}
const filesIn = ({ baton }: Shop): readonly string[] => {
  try {
    return readdirSync(path.join(baton.data, 'attachments'));
  } catch {
    return [];
  }
};

/** A shop in which the bot may speak. */
async function openTalk(): Promise<Shop> {
  const shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  return shop;
}

const errorOf = (body: unknown) =>
  (
    body as {
      readonly error: { readonly code: number; readonly error_subcode?: number; readonly message: string };
    }
  ).error;

test('an address is saved and used again by its id, and never fetched', async () => {
  await using shop = await openTalk();
  const saved = await shop.post(BOT, 'message_attachments', attachment({ url: CAT, is_reusable: true }));
  assert.equal(saved.status, 200);
  assert.deepEqual(Object.keys(saved.body), ['attachment_id']);
  const id = String(saved.body['attachment_id']);
  assert.ok(Number.isSafeInteger(Number(id)));
  for (const named of [id, Number(id)]) {
    const sent = await shop.post(BOT, 'messages', attachment({ attachment_id: named }));
    assert.deepEqual(Object.keys(sent.body), ['recipient_id', 'message_id']);
    assert.deepEqual(await lastShown(shop), { type: 'image', payload: { url: CAT } });
  }
  const form = new URLSearchParams({ message: JSON.stringify(attachment({ url: CAT }).message) });
  const asForm = await shop.baton.call('POST', `/me/message_attachments?access_token=${tokenOf(BOT)}`, {
    body: form,
  });
  assert.match(String(asForm.body['attachment_id']), /^[0-9]{15}$/);
});

test('a send with is_reusable is answered with the attachment’s id', async () => {
  await using shop = await openTalk();
  const sent = await shop.post(BOT, 'messages', attachment({ url: CAT, is_reusable: true }));
  assert.deepEqual(Object.keys(sent.body), ['recipient_id', 'message_id', 'attachment_id']);
  const again = await shop.post(BOT, 'messages', attachment({ attachment_id: sent.body['attachment_id'] }));
  assert.equal(again.status, 200);
  assert.equal((await lastShown(shop)).payload.url, CAT);
});

test('a file is kept on the disk before its id is answered, and served as it came', async () => {
  await using shop = await openTalk();
  const bytes = randomBytes(3_000_000);
  const saved = await upload(shop, 'message_attachments', { bytes: new Uint8Array(bytes) });
  assert.equal(saved.status, 200, JSON.stringify(saved.body));
  assert.equal(filesIn(shop).length, 1);
  assert.equal(
    (await shop.post(BOT, 'messages', attachment({ attachment_id: saved.body['attachment_id'] }))).status,
    200,
  );
  const { url } = (await lastShown(shop)).payload;
  assert.match(url, new RegExp(`^${shop.baton.url}/attachments/[A-Za-z0-9_-]{32}$`));
  const answer = await fetchFile(url);
  assert.equal(answer.status, 200);
  const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
  assert.equal(hash(new Uint8Array(await answer.arrayBuffer())), hash(bytes));
  await shop.baton.sandbox('POST', '/settle');
  const echoes = shop.endpoints[DESK]?.heard.filter(({ item }) => JSON.stringify(item).includes(url)) ?? [];
  assert.equal(echoes.length, 1, 'the echo shows the address that is served');
});

test('a file is sent with the message that brings it', async () => {
  await using shop = await openTalk();
  const message = { attachment: { type: 'file', payload: {} }, metadata: 'm' };
  const sent = await upload(shop, 'messages', {
    bytes: 'a,b',
    contentType: 'text/csv',
    filename: 'a.csv',
    message,
    fields: { recipient },
  });
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
  assert.deepEqual(Object.keys(sent.body), ['recipient_id', 'message_id']);
  const shown = await lastShown(shop);
  assert.equal(shown.type, 'file');
  assert.equal(await (await fetchFile(shown.payload.url)).text(), 'a,b');
  const reusable = await upload(shop, 'messages', { bytes: 'x', fields: { recipient } });
  assert.match(String(reusable.body['attachment_id']), /^[0-9]+$/);
});

test('what is served never runs as a page, whatever it says it is', async () => {
  await using shop = await openTalk();
  const evil = '<script>alert(1)</script>';
  const cases = [
    ['image/png', 'inline', 'cat.png'],
    ['text/html', 'attachment', 'evil"\r\nx: y.html'],
    ['image/svg+xml', 'attachment', 'evil.svg'],
    ['application/pdf', 'attachment', 'ü’*.pdf'],
  ] as const;
  for (const [contentType, disposition, filename] of cases) {
    const message = { attachment: { type: 'file', payload: {} } };
    const sent = await upload(shop, 'messages', {
      bytes: evil,
      contentType,
      filename,
      message,
      fields: { recipient },
    });
    assert.equal(sent.status, 200, JSON.stringify(sent.body));
    const headers = await fileHeaders((await lastShown(shop)).payload.url);
    assert.equal(headers.get('content-type')?.split(';')[0], contentType);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /sandbox/);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.match(
      headers.get('content-disposition') ?? '',
      new RegExp(`^${disposition}; filename\\*=UTF-8''[!-~]+$`),
    );
    assert.equal(headers.get('x'), null);
  }
  const odd = await upload(shop, 'message_attachments', {
    bytes: 'x',
    contentType: 'no type at all',
    message: { attachment: { type: 'file', payload: {} } },
  });
  assert.equal(odd.status, 200);
});

test('an id counts on its page only, for the type it was saved as, and not for ever', async () => {
  await using shop = await openTalk();
  const saved = await upload(shop, 'message_attachments', { bytes: 'meow' });
  const id = saved.body['attachment_id'];
  const asVideo = await shop.post(BOT, 'messages', attachment({ attachment_id: id }, 'video'));
  assert.match(errorOf(asVideo.body).message, /message\[attachment\]\[type\]/);
  for (const unknown of ['812345678901234', 'x', '']) {
    const refused = await shop.post(BOT, 'messages', attachment({ attachment_id: unknown }));
    assert.equal(refused.status, 400);
    assert.deepEqual([errorOf(refused.body).code, errorOf(refused.body).error_subcode], [100, 2018074]);
  }
  await shop.post(BOT, 'messages', attachment({ attachment_id: id }));
  const { url } = (await lastShown(shop)).payload;
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 89 * DAY });
  await shop.says('Still here');
  assert.equal(await fileStatus(url), 200);
  assert.equal((await shop.post(BOT, 'messages', attachment({ attachment_id: id }))).status, 200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: DAY });
  assert.deepEqual(filesIn(shop), [], 'upkeep takes the file away');
  assert.equal(await fileStatus(url), 404);
  await shop.says('Still here');
  const over = await shop.post(BOT, 'messages', attachment({ attachment_id: id }));
  assert.equal(errorOf(over.body).error_subcode, 2018074);
});

test('[A5] an id of another page is an unknown one', async () => {
  const world = {
    people: [{ id: '9001', name: 'Ana' }],
    pages: ['1001', '1002'].map((id) => ({
      id,
      name: `Page ${id}`,
      people: [{ id: '9001', tasks: ['MODERATE', 'MESSAGING'] }],
    })),
    apps: [
      {
        id: BOT,
        name: 'Bot',
        secret: 's',
        pages: ['1001', '1002'].map((id) => ({
          id,
          person: '9001',
          access_token: `token-${id}`,
          subscribed_fields: ['messages'],
        })),
      },
    ],
    customers: ['1001', '1002'].map((page) => ({ page, psid: BUDI, name: 'Budi' })),
  };
  const { openSandbox } = await import('../../src/testing/sandbox.ts');
  await using baton = await openSandbox(world);
  await baton.sandbox('POST', `/pages/1002/customers/${BUDI}/message`, { text: 'Hi' });
  const saved = await baton.graph('POST', '/me/message_attachments', {
    token: 'token-1001',
    body: attachment({ url: CAT }),
  });
  const body = { recipient: { id: BUDI }, ...attachment({ attachment_id: saved.body['attachment_id'] }) };
  const refused = await baton.graph('POST', '/me/messages', { token: 'token-1002', body });
  assert.equal(errorOf(refused.body).error_subcode, 2018074);
});

test('what is saved for a message that does not go out is taken away again', async () => {
  await using shop = await openTalk();
  const refused = await upload(shop, 'messages', { bytes: 'meow', fields: { recipient } }, DESK);
  assert.equal(errorOf(refused.body).error_subcode, 2018300);
  assert.deepEqual(filesIn(shop), []);
});

test('[A1] what was uploaded for a call whose token is revoked meanwhile is taken away again', async () => {
  const names = new Set<string>();
  let saved = 0;
  const app = await openApp({
    apps: [BOT],
    files: {
      async save(name) {
        names.add(name);
        saved += 1;
        await app.runtime.change(({ pages }) => ({
          put: pages.map((value) => ({ kind: 'page', value: { ...value, people: [] } })),
        }));
      },
      open: async () => null,
      remove: async (name) => void names.delete(name),
    },
  });
  const hello = { body: { text: 'Hello' } };
  await app.ask('POST', `/sandbox/pages/${PAGE}/customers/${BUDI}/message`, hello);
  const part = (name: string, text: string): string =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  const file = '--b\r\ncontent-disposition: form-data; name="filedata"; filename="a.png"\r\n\r\nmeow\r\n';
  const message = JSON.stringify({ attachment: { type: 'image', payload: {} } });
  const answer = await app.http.inject({
    method: 'POST',
    url: `/me/messages?access_token=${tokenOf(BOT)}`,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    payload: `${part('recipient', recipient)}${part('message', message)}${file}--b--`,
  });
  assert.notEqual(answer.statusCode, 200);
  assert.equal(errorOf(answer.json()).code, 200);
  assert.equal(saved, 1);
  assert.deepEqual([...names], []);
  assert.deepEqual(await app.store.attachments.old(app.clock.now(), { after: null, limit: 9 }), []);
});

test('a file that came with a message goes when its texts go, and one that can be used again stays', async () => {
  await using shop = await openShop({ apps: [BOT], page: { retention_days: 2 } });
  await shop.says('Hello');
  const once = attachment({}).message;
  assert.equal(
    (await upload(shop, 'messages', { bytes: 'meow', fields: { recipient }, message: once })).status,
    200,
  );
  const { url } = (await lastShown(shop)).payload;
  const again = await upload(shop, 'messages', { bytes: 'purr', fields: { recipient } });
  await shop.post(BOT, 'messages', attachment({ attachment_id: again.body['attachment_id'] }));
  const kept = (await lastShown(shop)).payload.url;
  await shop.baton.sandbox('POST', '/settle');
  await shop.baton.sandbox('POST', '/clock', { advance_ms: DAY });
  assert.equal(await fileStatus(url), 200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: DAY });
  assert.equal(await fileStatus(url), 404);
  assert.equal(await fileStatus(kept), 200);
  assert.deepEqual(filesIn(shop), [kept.split('/').at(-1)]);
});

test('a page that has saved as much as it may is told so, and nothing is sent', async () => {
  const app = await openApp({
    apps: [BOT],
    change: (store) => ({
      ...store,
      attachments: {
        ...store.attachments,
        usage: async () => new Map([[PAGE as PageId, { attachments: MAX_PAGE_ATTACHMENTS, bytes: 0 }]]),
      },
    }),
  });
  await app.ask('POST', `/sandbox/pages/${PAGE}/customers/${BUDI}/message`, { body: { text: 'Hello' } });
  const send = (edge: string, more: object, payload: object = {}) =>
    app.ask('POST', `/me/${edge}`, {
      token: tokenOf(BOT),
      body: { ...more, ...attachment({ url: CAT, ...payload }) },
    });
  const reusable = { is_reusable: true };
  const to = { recipient: { id: BUDI } };
  for (const answer of [await send('message_attachments', {}), await send('messages', to, reusable)]) {
    assert.equal(answer.status, 400);
    assert.equal(errorOf(answer.body).code, 613);
  }
  assert.equal((await app.sentTo(BUDI)).length, 0);
  assert.equal((await send('messages', to)).status, 200, 'what need not be saved goes out');
});

test('the fault of a file that cannot be read tells its id and not its name', async () => {
  const faults: string[] = [];
  const fault = (where: string, error: unknown, fields: object = {}) =>
    void faults.push(inspect({ where, error, fields }, { depth: 9 }));
  const app = await openApp({
    apps: [BOT],
    observer: { ...silentObserver, fault },
    files: {
      save: async () => undefined,
      open: () => Promise.reject(new Error('a file could not be read: EIO')),
      remove: async () => undefined,
    },
  });
  const from = {
    kind: 'file',
    key: 'secret-name',
    filename: 'a',
    contentType: 'image/png',
    size: 1,
  } as const;
  const savedAt = app.clock.now();
  await app.store.attachments.save({
    id: '81',
    page: PAGE as PageId,
    app: BOT as AppId,
    type: 'file',
    from,
    savedAt,
  });
  const answer = await app.ask('GET', '/attachments/secret-name');
  assert.equal(answer.status, 500);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /attachment 81 cannot be read/);
  assert.ok(!faults[0]?.includes('secret-name'));
});

test('a call with an Idempotency-Key saves once and is answered the same', async () => {
  await using shop = await openTalk();
  const call = () =>
    upload(shop, 'messages', { bytes: 'meow', fields: { recipient }, headers: { 'idempotency-key': 'k1' } });
  const first = await call();
  assert.equal(first.status, 200, JSON.stringify(first.body));
  assert.deepEqual(await call(), first);
  assert.equal(filesIn(shop).length, 1);
});

test('nothing stands under a name that was not given out', async () => {
  await using shop = await openTalk();
  for (const name of [
    'x',
    '..%2Fbaton.sqlite',
    '%2e%2e%2foperator.json',
    'a'.repeat(32),
    'a'.repeat(900),
    '%00',
  ]) {
    const answer = await shop.baton.call('GET', `/attachments/${name}`);
    assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status}`);
    assert.equal(typeof errorOf(answer.body).message, 'string');
  }
});

test('an upload that is wrong is refused, and leaves nothing', async () => {
  await using shop = await openTalk();
  const bad = [
    [{ bytes: '' }, /filedata/],
    [{ bytes: 'x', contentType: 'text/html' }, /filedata/],
    [{ bytes: 'x', message: 'hello' }, /message/],
    [{ bytes: 'x', message: { attachment: { type: 'template', payload: {} } } }, /template/],
  ] as const;
  for (const [options, named] of bad) {
    const answer = await upload(shop, 'message_attachments', options);
    assert.equal(answer.status, 400);
    assert.match(errorOf(answer.body).message, named);
  }
  const unknown = await shop.baton.call('POST', '/me/message_attachments?access_token=nothing', {
    body: new FormData(),
  });
  assert.equal(errorOf(unknown.body).code, 190);
  assert.deepEqual(filesIn(shop), []);
});

test('[limit MAX_FILENAME] the name of a file is cut off', async () => {
  await using shop = await openTalk();
  for (const length of [MAX_FILENAME, MAX_FILENAME + 1]) {
    const message = { attachment: { type: 'image', payload: {} } };
    const sent = await upload(shop, 'messages', {
      bytes: 'x',
      filename: 'é'.repeat(length),
      message,
      fields: { recipient },
    });
    assert.equal(sent.status, 200, JSON.stringify(sent.body));
    const headers = await fileHeaders((await lastShown(shop)).payload.url);
    const [, name = ''] = headers.get('content-disposition')?.split("UTF-8''") ?? [];
    assert.equal(decodeURIComponent(name).length, MAX_FILENAME);
  }
  await shop.baton.sandbox('POST', '/settle');
});

test('[limit MAX_UPLOAD_BODY_BYTES] [limit MAX_BODY_BYTES] only calls that take a file may be large', async () => {
  await using shop = await openTalk();
  const large = await upload(shop, 'message_attachments', {
    bytes: new Uint8Array(MAX_UPLOAD_BODY_BYTES - 2_000),
  });
  assert.equal(errorOf(large.body).error_subcode, 2018109, 'it is read, and the file is too large');
  const larger = await upload(shop, 'message_attachments', { bytes: new Uint8Array(MAX_UPLOAD_BODY_BYTES) });
  assert.equal(larger.status, 413);
  assert.match(errorOf(larger.body).message, new RegExp(String(MAX_UPLOAD_BODY_BYTES)));
  const elsewhere = await upload(shop, 'personas', { bytes: new Uint8Array(MAX_BODY_BYTES) });
  assert.equal(elsewhere.status, 413);
  assert.match(errorOf(elsewhere.body).message, new RegExp(String(MAX_BODY_BYTES)));
  const json = await shop.baton.call('POST', `/me/message_attachments?access_token=${tokenOf(BOT)}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'x'.repeat(MAX_BODY_BYTES) }),
  });
  assert.equal(json.status, 413);
  const small = await upload(shop, 'message_attachments', { bytes: new Uint8Array(MAX_BODY_BYTES + 1) });
  assert.equal(small.status, 200);
});

/** A large upload that stops before its end; answers when the server has begun to read it. */
async function openUpload(
  shop: Shop,
  token = tokenOf(BOT),
): Promise<{ readonly end: () => Promise<number>; readonly breakOff: () => void }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const call = request(`${shop.baton.url}/me/message_attachments?access_token=${token}`, {
    method: 'POST',
    headers: {
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': MAX_BODY_BYTES * 2,
      expect: '100-continue',
    },
  });
  call.on('response', (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.statusCode ?? 0));
  });
  call.on('error', reject);
  promise.catch(() => undefined);
  call.flushHeaders();
  await once(call, 'continue');
  call.write(Buffer.alloc(MAX_BODY_BYTES));
  return {
    breakOff: () => void call.destroy(),
    async end() {
      call.end(Buffer.alloc(MAX_BODY_BYTES));
      return promise;
    },
  };
}

test('[limit MAX_UPLOADS] one large upload too many is told to come again, and small calls go on', async () => {
  await using shop = await openTalk();
  const opened = await Promise.all(Array.from({ length: MAX_UPLOADS }, () => openUpload(shop)));
  const bytes = new Uint8Array(MAX_BODY_BYTES + 1);
  const refused = await upload(shop, 'message_attachments', { bytes });
  assert.equal(refused.status, 503);
  assert.equal(errorOf(refused.body).code, 2);
  assert.equal((await upload(shop, 'message_attachments', { bytes: 'small' })).status, 200);
  assert.equal((await shop.post(BOT, 'messages', { message: { text: 'Hi' } })).status, 200);
  for (const each of opened) assert.equal(await each.end(), 400);
  assert.equal((await upload(shop, 'message_attachments', { bytes })).status, 200);
});

test('[limit MAX_UPLOADS_OF_STRANGERS] those without a token hold up only each other', async () => {
  await using shop = await openTalk();
  const bytes = new Uint8Array(MAX_BODY_BYTES + 1);
  const stranger = () => upload(shop, 'message_attachments', { bytes, token: 'nothing' });
  assert.equal((await stranger()).status, 400);
  const opened = await Promise.all(
    Array.from({ length: MAX_UPLOADS_OF_STRANGERS }, () => openUpload(shop, 'nothing')),
  );
  const refused = await stranger();
  assert.equal(refused.status, 503);
  assert.equal((await upload(shop, 'message_attachments', { bytes })).status, 200);
  for (const each of opened) assert.equal(await each.end(), 400);
  assert.equal((await stranger()).status, 400);
});

test('an upload that breaks off makes room for the next', async () => {
  await using shop = await openTalk();
  const bytes = new Uint8Array(MAX_BODY_BYTES + 1);
  for (let round = 0; round < 3; round++) {
    const opened = await Promise.all(Array.from({ length: MAX_UPLOADS }, () => openUpload(shop)));
    assert.equal((await upload(shop, 'message_attachments', { bytes })).status, 503);
    for (const each of opened) each.breakOff();
    const isOpen = async () => (await upload(shop, 'message_attachments', { bytes })).status === 200;
    for (let tries = 0; !(await isOpen()); tries++) assert.ok(tries < 200, 'there is no room');
  }
});

test('a file of which only the beginning has arrived is nothing', async () => {
  await using shop = await openTalk();
  const opened = await openUpload(shop);
  opened.breakOff();
  assert.equal((await shop.post(BOT, 'messages', { message: { text: 'Hi' } })).status, 200);
  assert.deepEqual(filesIn(shop), []);
});

test('the token of an upload may stand among its parts', async () => {
  await using shop = await openTalk();
  const fields = { access_token: tokenOf(BOT), recipient };
  const bytes = new Uint8Array(MAX_BODY_BYTES + 1);
  const sent = await upload(shop, 'messages', { bytes, fields, token: '' });
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
});
