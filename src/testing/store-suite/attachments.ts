/** What apps have saved, to be sent again. */

import assert from 'node:assert/strict';
import type { Event } from '../../protocol/event.ts';
import { LET_GO, letGo, type SavedAge, type SavedAttachment } from '../../store/attachments.ts';
import { ODD } from './rows.ts';
import type { Checks } from './subject.ts';
import { blankAll, tell } from './texts.ts';
import { ALL, BOT, CUSTOMER, fresh, OTHER_CUSTOMER, OTHER_PAGE, PAGE, START, sent } from './world.ts';

const address = (id: string, savedAt = START): SavedAttachment => ({
  id,
  page: PAGE,
  app: BOT,
  type: 'image',
  from: { kind: 'address', url: `https://example.org/${ODD}` },
  savedAt,
});
const file = (id: string, key: string, savedAt = START): SavedAttachment => ({
  ...address(id, savedAt),
  type: 'file',
  from: { kind: 'file', key, filename: ODD, contentType: 'text/plain', size: 7 },
});

const FIRST = { after: null, limit: ALL };
const KEY = { page: PAGE, psid: CUSTOMER };

/** A message that came with a file. */
function uploaded(name: string, upload: string): Extract<Event, { type: 'message_sent' }> {
  const event = sent(name);
  assert.ok(event.type === 'message_sent');
  return { ...event, message: { ...event.message, upload } };
}

export function attachmentChecks({ check, onReopening }: Checks): void {
  check('an attachment is read back as it was saved, by id and by the key of its file', async ({ store }) => {
    const { attachments } = store;
    assert.equal(await attachments.save(address('1')), true);
    assert.equal(await attachments.save(file('2', 'k2')), true);
    assert.deepEqual(await attachments.find('1'), address('1'));
    assert.deepEqual(await attachments.find('2'), file('2', 'k2'));
    assert.deepEqual(await attachments.findFile('k2'), file('2', 'k2'));
    for (const unknown of ['3', '', 'k2']) assert.equal(await attachments.find(unknown), null);
    for (const unknown of ['k1', '', 'K2', '2']) assert.equal(await attachments.findFile(unknown), null);
  });

  check('an id that is taken is left as it is', async ({ store }) => {
    const { attachments } = store;
    await attachments.save(address('1'));
    assert.equal(await attachments.save(file('1', 'k1')), false);
    assert.deepEqual(await attachments.find('1'), address('1'));
    assert.equal(await attachments.findFile('k1'), null);
  });

  check('old attachments are listed by age and then id, a few at a time', async ({ store }) => {
    const { attachments } = store;
    const saved = [
      address('9', START),
      file('1', 'k', START + 1),
      address('10', START + 1),
      address('2', START + 2),
    ];
    for (const each of saved.toReversed()) await attachments.save(each);
    const ids = async (
      until: number,
      limit: number,
      after: SavedAge | null = null,
    ): Promise<readonly string[]> => (await attachments.old(until, { after, limit })).map(({ id }) => id);
    assert.deepEqual(await ids(START - 1, ALL), []);
    assert.deepEqual(await ids(START, ALL), ['9']);
    assert.deepEqual(await ids(START + 1, ALL), ['9', '1', '10']);
    assert.deepEqual(await ids(START + 9, 2), ['9', '1']);
    assert.deepEqual(await ids(START + 9, 2, { savedAt: START + 1, id: '1' }), ['10', '2']);
    assert.deepEqual(await ids(START + 9, ALL, { savedAt: START + 2, id: '2' }), []);
    assert.deepEqual(await attachments.old(START, FIRST), [address('9', START)]);
  });

  check('what is forgotten is gone, and may be forgotten again', async ({ store }) => {
    const { attachments } = store;
    for (const each of [address('1'), file('2', 'k2'), address('3')]) await attachments.save(each);
    await attachments.forget([]);
    await attachments.forget(['1', '2', '4']);
    await attachments.forget(['1']);
    assert.deepEqual(await attachments.old(START, FIRST), [address('3')]);
    assert.equal(await attachments.findFile('k2'), null);
    assert.equal(await attachments.save(file('1', 'k2')), true, 'both names are free again');
  });

  check('what each page has saved is counted, files by their bytes', async ({ store }) => {
    const { attachments } = store;
    assert.deepEqual(await attachments.usage(), new Map());
    for (const each of [address('1'), file('2', 'k2'), file('3', 'k3')]) await attachments.save(each);
    await attachments.save({ ...address('4'), page: OTHER_PAGE });
    const counted = await attachments.usage();
    assert.deepEqual(counted.get(PAGE), { attachments: 3, bytes: 14 });
    assert.deepEqual(counted.get(OTHER_PAGE), { attachments: 1, bytes: 0 });
    await attachments.forget(['2', '4']);
    assert.deepEqual(await attachments.usage(), new Map([[PAGE, { attachments: 2, bytes: 7 }]]));
  });

  check(
    'a file goes with the texts of the message that brought it: by age, and by erasure',
    async ({ store }) => {
      const { attachments } = store;
      for (const id of ['1', '2', '3']) await attachments.save(file(id, `k${id}`));
      await attachments.save({ ...file('4', 'k4'), page: OTHER_PAGE });
      await tell(store, fresh(), [{ event: uploaded('a', '1') }]);
      await tell(store, fresh(OTHER_CUSTOMER), [
        { event: uploaded('b', '2') },
        { event: uploaded('c', '4') },
        { event: uploaded('d', '5') },
      ]);
      const gone = () => attachments.old(LET_GO, FIRST);
      await blankAll(store, { before: START });
      assert.deepEqual(await gone(), []);
      await store.erase({ ...KEY, psid: OTHER_CUSTOMER });
      assert.deepEqual(await gone(), [letGo(file('2', 'k2'))], 'that of another page stays');
      await blankAll(store, { before: START + 1 });
      assert.deepEqual(await gone(), [letGo(file('1', 'k1')), letGo(file('2', 'k2'))]);
      assert.deepEqual(await attachments.find('3'), file('3', 'k3'));
      await attachments.forget(['1', '2']);
      await store.erase(KEY);
      assert.deepEqual(await gone(), []);
    },
  );

  onReopening('attachments are kept', async (store, reopen) => {
    await store.attachments.save(file('1', 'k1'));
    const again = await reopen();
    assert.deepEqual(await again.attachments.findFile('k1'), file('1', 'k1'));
  });
}
