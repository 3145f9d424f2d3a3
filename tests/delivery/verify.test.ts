/** [W6] Handshakes that somebody waits for: once, at once, one at a time of each callback. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGreeter, MAX_HANDSHAKES } from '../../src/delivery/greeter.ts';
import { anyAddress, publicAddresses } from '../../src/delivery/guard.ts';
import { createPoster, type Poster } from '../../src/delivery/poster.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId } from '../../src/protocol/ids.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import type { Candidate } from '../../src/runtime/ports.ts';
import { openEndpoint } from '../../src/testing/endpoint.ts';

const candidate = (callbackUrl: string, app = '2001'): Candidate => ({
  app: app as AppId,
  object: 'page',
  callbackUrl,
  verifyToken: 'verify',
});

const greeterOver = (poster: Poster) =>
  createGreeter({
    directory: {
      page: () => null,
      endpoint: () => null,
      webhooks: () => [],
      update: async () => undefined,
    },
    poster,
    clock: simulatedClock(0),
    observer: silentObserver,
  });

/** A poster whose requests end when they are told to. */
function openStalled() {
  const asked: { readonly name: string; readonly end: () => void }[] = [];
  const poster: Poster = {
    post: () => Promise.reject(new Error('nothing is posted')),
    get: ({ name, url }) =>
      new Promise((resolve) => {
        const body = new URL(url).searchParams.get('hub.challenge') ?? '';
        const end = (): void => resolve({ status: 200, error: null, durationMs: 0, body });
        asked.push({ name, end });
      }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { poster, asked };
}

test('one that echoes is verified, any other is told why it was not', async () => {
  await using endpoint = await openEndpoint({ secret: 's', verifyToken: 'verify' });
  await using poster = createPoster(anyAddress);
  const { verify } = greeterOver(poster);
  assert.deepEqual(await verify(candidate(endpoint.url)), { kind: 'verified' });
  endpoint.trust(false);
  assert.deepEqual(await verify(candidate(endpoint.url)), { kind: 'failed', reason: 'answered 403' });
});

test('an address that is not public is not dialled', async () => {
  await using endpoint = await openEndpoint({ secret: 's', verifyToken: 'verify' });
  await using poster = createPoster(publicAddresses([]));
  const verified = await greeterOver(poster).verify(candidate(endpoint.url));
  assert.deepEqual(verified, { kind: 'failed', reason: 'ADDRESS_REFUSED' });
  assert.equal(endpoint.handshakes(), 0);
});

test('a second one of the same callback is not made, nor one that is too many; then they are', async () => {
  const { poster, asked } = openStalled();
  const { verify, settled } = greeterOver(poster);
  const first = verify(candidate('http://a.example/'));
  assert.deepEqual(await verify(candidate('http://b.example/')), { kind: 'busy' });
  // The connections of the callback that is in use are left alone.
  assert.notEqual(asked[0]?.name, '2001/page');
  const others = Array.from({ length: MAX_HANDSHAKES - 1 }, (_, index) =>
    verify(candidate('http://a.example/', String(3_000 + index))),
  );
  assert.deepEqual(await verify(candidate('http://a.example/', '9999')), { kind: 'busy' });
  for (const { end } of asked) end();
  assert.deepEqual(await first, { kind: 'verified' });
  await Promise.all(others);
  await settled();
  const again = verify(candidate('http://b.example/'));
  asked.at(-1)?.end();
  assert.deepEqual(await again, { kind: 'verified' });
});
