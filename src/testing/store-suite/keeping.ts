/** Texts that are hard to keep, and what is still there when a store is opened again. */

import assert from 'node:assert/strict';
import type { Event } from '../../protocol/event.ts';
import type { Json } from '../../protocol/message.ts';
import { UNCLAIMED } from '../../store/buckets.ts';
import type { Store } from '../../store/port.ts';
import { KINDS, ODD, ROWS } from './rows.ts';
import type { Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  change,
  DESK,
  everythingOf,
  FURNISHED,
  fresh,
  introduced,
  mid,
  OTHER_PAGE,
  PAGE,
  passed,
  said,
  sent,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };

export function keepingChecks({ check, onReopening }: Checks): void {
  check('texts with NUL characters and lone surrogates come back as they were', async ({ store }) => {
    const commit = add(fresh(), [
      { event: introduced(ODD) },
      { event: said('a', ODD), told: [BOT] },
      { event: passed(null, BOT, ODD) },
    ]);
    await write(store, commit);
    assert.deepEqual(await store.load(KEY), commit.thread);
    assert.equal((await store.load(KEY))?.customer?.name, ODD);
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), commit.events);
    const [notice] = await store.waiting({ ...KEY, app: BOT }, ALL);
    assert.deepEqual(notice?.recorded, commit.events[1]);
  });

  check('any JSON in an attachment comes back as it was', async ({ store }) => {
    const payload = JSON.parse(
      '{"__proto__":{"x":1},"":"","9":1,"1":[[],{},null,true,-0.5,1e300,9007199254740991,"\\u0000\\ud800"]}',
    ) as Record<string, Json>;
    const event: Event = {
      type: 'act_received',
      act: {
        kind: 'message',
        mid: mid('a'),
        text: null,
        attachments: [{ type: 'template', payload }],
        quickReplyPayload: ODD,
        referral: { source: 'ADS', type: 'OPEN_THREAD', adId: null, ref: ODD },
      },
    };
    await write(store, add(fresh(), [{ event }]));
    const found = await store.message(mid('a'));
    assert.deepEqual(found?.recorded.event, event);
  });

  onReopening('a store that is opened again has everything', async (store, reopen) => {
    const put = KINDS.map((kind) => ROWS[kind].full);
    await store.changeConfig(change(FURNISHED, { put }));
    const first = add(
      fresh(),
      [
        { event: said('a', ODD), told: [BOT, DESK] },
        { event: passed(null, BOT), told: [BOT] },
      ],
      { pageVersion: FURNISHED + 1 },
    );
    const second = add(first.thread, [{ event: sent('b'), told: [DESK] }], { pageVersion: FURNISHED + 1 });
    await write(store, first, second);
    await store.settle(
      [{ ...KEY, app: DESK, seq: 1, fence: UNCLAIMED }],
      [{ ...KEY, app: DESK, seq: 1, at: 5, status: 200, error: null, durationMs: 1 }],
    );
    await store.saveSetting('clock', ODD);
    const before = await readAll(store);
    assert.deepEqual(await readAll(await reopen()), before);
  });

  onReopening(
    'a notice that was not settled waits in the store that is opened again',
    async (store, reopen) => {
      const commit = add(fresh(), [{ event: said('a'), told: [BOT] }]);
      await write(store, commit);
      const again = await reopen();
      const lane = { ...KEY, app: BOT };
      assert.deepEqual(await again.waitingLanes({ after: null, limit: ALL }), [lane]);
      assert.deepEqual(await again.waiting(lane, ALL), [{ ...lane, recorded: commit.events[0] }]);
    },
  );

  onReopening('a store that is opened again goes on where it was', async (store, reopen) => {
    const first = add(fresh(), [{ event: said('a') }]);
    await write(store, first);
    const again = await reopen();
    assert.deepEqual(await again.commit([add(fresh(), [{ event: said('b') }])]), ['stale_thread']);
    await write(again, add(first.thread, [{ event: said('b') }]));
    assert.equal(await again.changeConfig(change(FURNISHED, { pages: [OTHER_PAGE] })), FURNISHED + 1);
  });
}

async function readAll(store: Store): Promise<unknown> {
  return {
    config: await store.config(),
    thread: await everythingOf(store, KEY),
    threads: await store.threads(PAGE, { after: null, limit: ALL }),
    owned: await store.ownedBy(PAGE, BOT, { after: null, limit: ALL }),
    message: await store.message(mid('b')),
    lanes: await store.waitingLanes({ after: null, limit: ALL }),
    waiting: await store.waiting({ ...KEY, app: DESK }, ALL),
    attempts: await store.attempts({ app: null, limit: ALL }),
    setting: await store.setting('clock'),
  };
}
