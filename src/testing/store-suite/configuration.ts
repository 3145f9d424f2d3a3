/** The configuration: rows, versions, and changes that are made whole or not at all. */

import assert from 'node:assert/strict';
import { PAGE_LANE } from '../../protocol/ids.ts';
import { keyOf, NEW_CONNECTION } from '../../store/config.ts';
import { KINDS, LISTS, ROWS } from './rows.ts';
import { assertUnchanged, type Checks } from './subject.ts';
import {
  ALL,
  add,
  app,
  BOT,
  broken,
  change,
  DESK,
  everythingOf,
  FURNISHED,
  fresh,
  OTHER_PAGE,
  PAGE,
  pageRecord,
  START,
  write,
} from './world.ts';

const LANE = { page: PAGE, psid: PAGE_LANE };
const roleChanged = { type: 'primary_receiver_changed', previous: null, next: BOT } as const;

export function configurationChecks(checks: Checks): void {
  rowChecks(checks);
  versionChecks(checks);
  changeChecks(checks);
}

function rowChecks({ onEmpty }: Checks): void {
  onEmpty('a new store has an empty configuration of version 0', async ({ store }) => {
    const lists = Object.fromEntries(KINDS.map((kind) => [LISTS[kind], []]));
    assert.deepEqual(await store.config(), { version: 0, ...lists });
  });

  for (const kind of KINDS) {
    const { full, bare } = ROWS[kind];

    onEmpty(
      `a row of kind ${kind} is read back as it was put, replaced, and taken out`,
      async ({ store }) => {
        await store.changeConfig(change(0, { put: [full] }));
        const lists = Object.fromEntries(
          KINDS.map((each) => [LISTS[each], each === kind ? [full.value] : []]),
        );
        assert.deepEqual(await store.config(), { version: 1, ...lists });
        await store.changeConfig(change(1, { put: [bare] }));
        const version = kind === 'page' ? { version: 2 } : {};
        assert.deepEqual((await store.config())[LISTS[kind]], [{ ...bare.value, ...version }]);
        await store.changeConfig(change(2, { remove: [{ kind, key: keyOf(full) }] }));
        assert.deepEqual((await store.config())[LISTS[kind]], []);
      },
    );

    onEmpty(`a row of kind ${kind} that does not exist can be taken out`, async ({ store }) => {
      const others = KINDS.filter((each) => each !== kind).map((each) => ROWS[each].full);
      await store.changeConfig(change(0, { put: others }));
      const before = await store.config();
      assert.equal(await store.changeConfig(change(1, { remove: [{ kind, key: keyOf(full) }] })), 2);
      assert.deepEqual(await store.config(), { ...before, version: 2 });
    });
  }

  onEmpty('rows can be put in any order', async ({ store }) => {
    const put = KINDS.map((kind) => ROWS[kind].full).toReversed();
    await store.changeConfig(change(0, { put }));
    const config = await store.config();
    for (const kind of KINDS) assert.deepEqual(config[LISTS[kind]], [ROWS[kind].full.value]);
  });

  onEmpty('connections stay in the order in which they were first written', async ({ store }) => {
    const row = (digits: string, number = 0) => ({
      kind: 'connection' as const,
      value: { page: PAGE, app: app(digits), subscribed: true, fields: [], ...NEW_CONNECTION, number },
    });
    await store.changeConfig(change(0, { put: [row('30'), row('10')] }));
    await store.changeConfig(change(1, { put: [row('20'), row('30', 1)] }));
    const { connections } = await store.config();
    assert.deepEqual(
      connections.map((each) => [each.app, each.number]),
      [
        ['30', 1],
        ['10', 0],
        ['20', 0],
      ],
    );
  });

  onEmpty('a row that is taken out and put in the same change is there afterwards', async ({ store }) => {
    const { full, bare } = ROWS.persona;
    await store.changeConfig(change(0, { put: [full] }));
    const remove = [{ kind: 'persona' as const, key: keyOf(full) }];
    await store.changeConfig(change(1, { put: [bare], remove }));
    assert.deepEqual((await store.config()).personas, [bare.value]);
  });
}

function versionChecks({ onEmpty, check }: Checks): void {
  check('a page that is put bears the new version, whatever the row said', async ({ store }) => {
    const value = pageRecord(PAGE, { name: 'Renamed', version: 99 });
    const version = await store.changeConfig(change(FURNISHED, { put: [{ kind: 'page', value }] }));
    const [page, other] = (await store.config()).pages;
    assert.deepEqual(page, { ...value, version });
    assert.equal(other?.version, FURNISHED);
  });

  check(
    'a page that a change concerns bears the new version, and is otherwise as it was',
    async ({ store }) => {
      const before = (await store.config()).pages;
      const version = await store.changeConfig(
        change(FURNISHED, { put: [ROWS.app.full], pages: [OTHER_PAGE] }),
      );
      const [page, other] = (await store.config()).pages;
      assert.deepEqual(page, before[0]);
      assert.deepEqual(other, { ...before[1], version });
    },
  );

  onEmpty('a change may concern a page that there is not', async ({ store }) => {
    assert.equal(await store.changeConfig(change(0, { pages: [PAGE] })), 1);
    assert.deepEqual((await store.config()).pages, []);
  });

  check('the version of a page only grows, also when it is taken out and put again', async ({ store }) => {
    const row = { kind: 'page' as const, value: pageRecord(PAGE) };
    const removed = await store.changeConfig(change(FURNISHED, { remove: [{ kind: 'page', key: PAGE }] }));
    const again = await store.changeConfig(change(removed ?? 0, { put: [row] }));
    assert.ok(removed !== null && again !== null && removed > FURNISHED && again > removed);
    const { version, pages } = await store.config();
    assert.equal(version, again);
    assert.equal(pages.find((page) => page.id === PAGE)?.version, again);
  });
}

function changeChecks({ check }: Checks): void {
  check('a change that was made on another version answers null and leaves nothing', async ({ store }) => {
    const late = add(fresh(PAGE_LANE), [{ event: roleChanged, told: [BOT] }]);
    const rest = { put: [ROWS.app.full], remove: [{ kind: 'page' as const, key: PAGE }], commits: [late] };
    await assertUnchanged(
      async () => [await store.config(), await everythingOf(store, LANE)],
      async () => {
        for (const version of [0, FURNISHED + 1]) {
          assert.equal(await store.changeConfig(change(version, rest)), null);
        }
      },
    );
  });

  check('of many changes at once exactly one is made', async ({ store }) => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const value = { ...ROWS.app.bare.value, id: app(String(100 + index)) } as typeof ROWS.app.bare.value;
        return store.changeConfig(
          change(FURNISHED, { put: [{ kind: 'app', value } as typeof ROWS.app.bare] }),
        );
      }),
    );
    assert.equal(answers.filter((answer) => answer !== null).length, 1);
    assert.equal((await store.config()).apps.length, 1);
  });

  check(
    'the commits of a change are written with it, whatever page version and time they name',
    async ({ store }) => {
      const commit = add(fresh(PAGE_LANE), [{ event: roleChanged, told: [BOT, DESK] }], {
        pageVersion: 77,
        validUntil: START - 1,
      });
      assert.notEqual(
        await store.changeConfig(change(FURNISHED, { pages: [PAGE], commits: [commit] })),
        null,
      );
      assert.deepEqual(await store.load(LANE), commit.thread);
      assert.deepEqual(await store.events(LANE, { after: 0, limit: ALL }), commit.events);
      assert.equal((await store.waitingOf(LANE)).length, 2);
    },
  );

  check('a change with a stale commit answers null and leaves nothing', async ({ store }) => {
    const first = add(fresh(PAGE_LANE), [{ event: roleChanged }]);
    await write(store, first);
    const good = add(fresh(PAGE_LANE, OTHER_PAGE), [{ event: roleChanged, told: [BOT] }]);
    const stale = add(fresh(PAGE_LANE), [{ event: roleChanged, told: [BOT] }]);
    const reading = async () => [
      await store.config(),
      await everythingOf(store, LANE),
      await everythingOf(store, { ...LANE, page: OTHER_PAGE }),
    ];
    await assertUnchanged(reading, async () => {
      const rest = { put: [ROWS.app.full], pages: [PAGE], commits: [good, stale] };
      assert.equal(await store.changeConfig(change(FURNISHED, rest)), null);
    });
  });

  check('a change that fails leaves nothing, and the store goes on', async ({ store }) => {
    const good = add(fresh(PAGE_LANE, OTHER_PAGE), [{ event: roleChanged, told: [BOT] }]);
    const bug = broken(add(fresh(PAGE_LANE), [{ event: roleChanged, told: [BOT] }]));
    const reading = async () => [
      await store.config(),
      await everythingOf(store, LANE),
      await everythingOf(store, { ...LANE, page: OTHER_PAGE }),
    ];
    await assertUnchanged(reading, async () => {
      const rest = { put: [ROWS.app.full], pages: [PAGE], commits: [good, bug] };
      await assert.rejects(store.changeConfig(change(FURNISHED, rest)));
    });
    assert.notEqual(await store.changeConfig(change(FURNISHED, { commits: [good] })), null);
  });
}
