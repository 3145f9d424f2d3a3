/**
 * How each thread stands, in memory, with rows that follow behind.
 *
 * A commit writes events; they are all that must be durable, for a thread is the fold of its events. Its row is
 * written later, once for many events and in the order of their keys, so that a page of the file is written once for
 * many rows: in *rounds*, a few rows at a time. A round begins when `MAX_BEHIND` rows are behind, or a moment after the
 * first was left behind (transactions.ts). Whoever looks for threads by what stands in rows, or closes the store, has
 * them written first. After a crash, events past the mark in `folded` say which rows are behind.
 *
 * What is in memory is true for as long as nobody else writes to the file and no transaction is undone; after either,
 * everything is forgotten and the rows behind are found by the mark.
 */

import type { DatabaseSync } from 'node:sqlite';
import { evolve } from '../../protocol/evolve.ts';
import type { PageId, Psid } from '../../protocol/ids.ts';
import { emptyThread, type Thread, wakeAt } from '../../protocol/thread.ts';
import type { Instant } from '../../protocol/time.ts';
import type { ThreadKey } from '../port.ts';
import { compact, query } from './database.ts';
import type { Events } from './events.ts';
import { type Columns, ownerOf, type Threads } from './threads.ts';

/** When so many rows are behind, the next commits write them, a few each. */
export const MAX_BEHIND = 4_096;
/** Most threads that are remembered. */
export const MAX_REMEMBERED = 10_000;

/** How a thread stands. Only this file changes it. */
export type Head = {
  readonly name: string;
  /** Null: nothing has happened on it. */
  thread: Thread | null;
  alarm: Instant | null;
  /** What its row says; null: there is none. */
  row: Columns | null;
  isBehind: boolean;
};

export type Heads = {
  find(key: ThreadKey): Head;
  /** The thread has had events. In the transaction that writes them. */
  advance(head: Head, thread: Thread, alarm: Instant | null): void;
  /** Only the alarm is another one. In a transaction. */
  setAlarm(head: Head, alarm: Instant | null): void;
  /** How many rows are behind. */
  behind(): number;
  /** Goes on with the round that has begun, or begins one if it must or is told to. In a transaction. */
  catchUpSome(rows: number, begin?: 'when full' | 'now'): void;
  /** Whether a round has begun and is not through. */
  isInRound(): boolean;
  /** Writes those that stand in an index at another place than they should. In a transaction. */
  catchUpIndexes(): void;
  /** Writes all. In a transaction. */
  catchUp(): void;
  /** Finds and writes the rows that are behind when nothing is remembered. In a transaction. */
  recover(): void;
  /** Until the next `catchUp` the mark means nothing: rowids are about to change. In a transaction. */
  unmark(): void;
  /** Forgets everything: it may not be true any more. */
  forget(): void;
};

/** Events past the mark whose thread's row does not know them. */
const UNFOLDED = `
  SELECT DISTINCT page, psid FROM events AS event
  WHERE rowid > (SELECT up_to FROM folded) AND seq > coalesce(
    (SELECT seq FROM threads AS thread WHERE thread.page = event.page AND thread.psid = event.psid), 0)`;

const EVERY_EVENT = -1;

export function createHeads(
  db: DatabaseSync,
  { threads, events }: { readonly threads: Threads; readonly events: Pick<Events, 'list'> },
): Heads {
  const unfolded = query<{ page: PageId; psid: Psid }>(db, UNFOLDED);
  const lastEvent = query<{ id: number }>(db, 'SELECT coalesce(max(rowid), 0) AS id FROM events');
  const mark = db.prepare('UPDATE folded SET up_to = ?');
  const remembered = new Map<string, Head>();
  /** Those whose row is behind, and of some that have been written since. */
  let behind: Head[] = [];
  /** The rest of the round, last first, and the mark that stands when it is through. */
  let round: Head[] = [];
  let roundMark = 0;
  /** Whether every row is up to date, except those of `round`, `behind` and `damaged`. */
  let isExact = false;
  /** Threads whose events cannot be folded: each use of one fails, and the mark stays in front of its events. */
  const damaged = new Set<string>();

  function remember(head: Head): void {
    if (remembered.size >= MAX_REMEMBERED) {
      remembered.clear();
      for (const each of [...round, ...behind]) if (each.isBehind) remembered.set(each.name, each);
    }
    remembered.set(head.name, head);
  }

  /** The row, and the events that it may not know. */
  function read(key: ThreadKey, name: string): Head {
    const row = threads.read(key);
    if (isExact && !damaged.has(name))
      return { name, thread: row?.thread ?? null, alarm: row?.alarm ?? null, row, isBehind: false };
    const start = row?.thread ?? emptyThread(key.page, key.psid);
    const missing = events.list(key, { after: start.seq, limit: EVERY_EVENT });
    const thread = missing.reduce(evolve, start);
    const alarm = missing.length === 0 ? (row?.alarm ?? null) : wakeAt(thread);
    return { name, thread: thread.seq === 0 ? null : thread, alarm, row, isBehind: false };
  }

  function find(key: ThreadKey): Head {
    const name = nameOf(key);
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const head = read(key, name);
    remember(head);
    return head;
  }

  function leaveBehind(head: Head): void {
    if (head.isBehind) return;
    head.isBehind = true;
    behind.push(head);
  }

  function writeRow(head: Head): void {
    if (!head.isBehind || head.thread === null) return;
    threads.write(head.thread, head.alarm, head.row);
    head.isBehind = false;
    head.row = { alarm: head.alarm, owner: ownerOf(head.thread) };
  }

  function beginRound(): void {
    round = behind.filter(({ isBehind }) => isBehind).sort((a, b) => (a.name < b.name ? 1 : -1));
    roundMark = lastEvent.get()?.id ?? 0;
    behind = [];
  }

  function catchUpSome(rows: number, begin: 'when full' | 'now' = 'when full'): void {
    if (round.length === 0) {
      if (behind.length < (begin === 'now' ? 1 : MAX_BEHIND)) return;
      beginRound();
    }
    for (const head of round.splice(-rows).reverse()) writeRow(head);
    if (round.length === 0) moveMark(roundMark);
  }

  function catchUp(): void {
    for (const head of [...round, ...behind]) writeRow(head);
    round = [];
    behind = [];
    moveMark(lastEvent.get()?.id ?? 0);
  }

  function moveMark(upTo: number): void {
    if (damaged.size === 0) mark.run(upTo);
  }

  function recover(): void {
    for (const key of unfolded.all()) {
      try {
        leaveBehind(find(key));
      } catch {
        // Whoever uses the thread is told why; the others go on.
        damaged.add(nameOf(key));
      }
    }
    catchUp();
    isExact = true;
  }

  return {
    find,
    advance(head, thread, alarm) {
      head.thread = thread;
      head.alarm = alarm;
      leaveBehind(head);
    },
    setAlarm(head, alarm) {
      head.alarm = alarm;
      if (head.isBehind || head.row === null || head.thread === null) return;
      threads.setAlarm(head.thread, alarm);
      head.row = { ...head.row, alarm };
    },
    behind: () => round.length + behind.length,
    catchUpSome,
    isInRound: () => round.length > 0,
    catchUpIndexes() {
      for (const head of [...round, ...behind]) if (isMisplaced(head)) writeRow(head);
    },
    catchUp,
    recover,
    unmark: () => void mark.run(0),
    forget() {
      remembered.clear();
      behind = [];
      round = [];
      damaged.clear();
      isExact = false;
    },
  };
}

const nameOf = ({ page, psid }: ThreadKey): string => `${page}/${psid}`;

const isMisplaced = ({ thread, alarm, row }: Head): boolean =>
  thread !== null && (row === null || row.alarm !== alarm || row.owner !== ownerOf(thread));

/** Writes the file anew. Rowids may be others afterwards, so that the mark means nothing until the next `catchUp`. */
export function compactUnmarked(db: DatabaseSync): void {
  db.exec('UPDATE folded SET up_to = 0');
  compact(db);
}
