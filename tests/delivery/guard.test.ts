/** The guard against server-side request forgery: what is not public is not dialled. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { guardedLookup, parseRange, publicAddresses } from '../../src/delivery/guard.ts';
import { createPoster } from '../../src/delivery/poster.ts';

const rule = publicAddresses([]);

const REFUSED = [
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  '2001:db8::1',
  '::127.0.0.1',
  'not an address',
  '',
];

test('addresses that are not public are refused, however they are dressed', () => {
  for (const address of REFUSED) assert.equal(rule(address), false, address);
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    assert.equal(rule(address), true, address);
});

test('the operator may allow a range, of its own kind only', () => {
  const range = parseRange('10.0.0.0/8');
  assert.ok(range !== null);
  const allowing = publicAddresses([range]);
  assert.equal(allowing('10.9.9.9'), true);
  assert.equal(allowing('::ffff:10.9.9.9'), true);
  assert.equal(allowing('192.168.0.1'), false);
  assert.equal(allowing('fd00::1'), false);
  assert.equal(parseRange('10.0.0.0'), null);
});

test('no spelling of the loopback address is dialled', async () => {
  let dialled = 0;
  const server = createServer((_request, response) => response.end('reached'));
  server.on('connection', () => {
    dialled += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await using poster = createPoster(rule);
  const spellings = [
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    'localhost',
  ];
  for (const host of spellings) {
    const posted = await poster.post({ name: 'app', url: `http://${host}:${port}/` }, Buffer.from('{}'), {});
    assert.equal(posted.status, null, host);
    assert.equal(posted.error, 'ADDRESS_REFUSED', host);
  }
  assert.equal(dialled, 0);
  await using open = createPoster(publicAddresses([parseRange('127.0.0.0/8') ?? assert.fail()]));
  assert.equal(
    (await open.post({ name: 'app', url: `http://127.0.0.1:${port}/` }, Buffer.from('{}'), {})).status,
    200,
  );
  assert.equal(dialled, 1);
  server.close();
});

test('a name that leads to a private address at a second look-up is not dialled', async () => {
  let lookups = 0;
  const rebinding = ((
    _hostname: string,
    _options: unknown,
    callback: (error: null, addresses: unknown) => void,
  ) => {
    lookups += 1;
    callback(null, [{ address: lookups === 1 ? '8.8.8.8' : '127.0.0.1', family: 4 }]);
  }) as unknown as Parameters<typeof guardedLookup>[1];
  const lookup = guardedLookup(rule, rebinding);
  const ask = () =>
    new Promise<{ readonly code: string | undefined; readonly address: unknown }>((resolve) =>
      lookup('shop.example', {}, (error, address) => resolve({ code: error?.name, address })),
    );
  assert.deepEqual(await ask(), { code: undefined, address: '8.8.8.8' });
  assert.equal((await ask()).code, 'RefusedAddress');
});

test('a name with a public and a private address gives the public one only', async () => {
  const both = ((_hostname: string, _options: unknown, callback: (error: null, addresses: unknown) => void) =>
    callback(null, [
      { address: '10.0.0.1', family: 4 },
      { address: '8.8.8.8', family: 4 },
    ])) as unknown as Parameters<typeof guardedLookup>[1];
  const found = await new Promise((resolve) =>
    guardedLookup(rule, both)('shop.example', { all: true }, (_error, addresses) => resolve(addresses)),
  );
  assert.deepEqual(found, [{ address: '8.8.8.8', family: 4 }]);
});

test('a redirect is an answer like any other, and is not followed', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await using poster = createPoster(() => true);
  const { port } = server.address() as AddressInfo;
  const posted = await poster.post({ name: 'app', url: `http://127.0.0.1:${port}/` }, Buffer.from('{}'), {});
  assert.deepEqual([posted.status, posted.error, asked], [302, 'answered 302', 1]);
  server.close();
});
