/** Pages, apps and customers that the suite is about, and a short way to write commits. */

import assert from 'node:assert/strict';
import type { Event, Recorded } from '../../protocol/event.ts';
import { applyEvent, evolve } from '../../protocol/evolve.ts';
import type { PageId, Psid } from '../../protocol/ids.ts';
import {
  type AppId,
  type Mid,
  parseAppId,
  parseMid,
  parsePageId,
  parsePersonId,
  parsePsid,
} from '../../protocol/ids.ts';
import { emptyThread, type Thread } from '../../protocol/thread.ts';
import type { Instant } from '../../protocol/time.ts';
import type { PageRecord } from '../../store/config.ts';
import type { Commit, ConfigChange, Lane, Store, ThreadKey } from '../../store/port.ts';

function known<Value>(value: Value | null): Value {
  if (value === null) throw new Error('an id of the suite is malformed');
  return value;
}

export const psid = (digits: string): Psid => known(parsePsid(digits));
export const app = (digits: string): AppId => known(parseAppId(digits));
export const mid = (name: string): Mid => known(parseMid(`m_${name}`));
export const page = (digits: string): PageId => known(parsePageId(digits));

export const PAGE = page('1001');
export const OTHER_PAGE = page('1002');
export const BOT = app('2001');
export const DESK = app('2002');
export const CUSTOMER = psid('5001');
export const OTHER_CUSTOMER = psid('5002');
export const PERSON = known(parsePersonId('9001'));

/** The instant at which the suite's clocks begin. */
export const START: Instant = 1_700_000_000_000;
/** The configuration's version in a furnished store, and that of both pages. */
export const FURNISHED = 1;
/** More than any reading of the suite has to show. */
export const ALL = 1_000_000;

export const pageRecord = (id: PageId, rest: Partial<PageRecord> = {}): PageRecord => ({
  id,
  name: `Page ${id}`,
  platform: 'messenger',
  mode: 'handover',
  switches: { number: 0, at: 0 },
  lead: null,
  idleChannel: null,
  entryPoints: [],
  people: [],
  retentionDays: null,
  version: 0,
  ...rest,
});

/** A change of the configuration in which what is not named is empty. */
export const change = (
  expectedVersion: number,
  rest: Partial<Omit<ConfigChange, 'expectedVersion'>>,
): ConfigChange => ({ expectedVersion, put: [], remove: [], pages: [], commits: [], ...rest });

/** Puts both pages into an empty store. */
export async function furnish(store: Store): Promise<void> {
  const put = [PAGE, OTHER_PAGE].map((id) => ({ kind: 'page' as const, value: pageRecord(id) }));
  assert.equal(await store.changeConfig(change(0, { put })), FURNISHED);
}

/** Something that happens, and who is told of it. */
export type Fact = {
  readonly event: Event;
  /** `START` unless said otherwise. */
  readonly at?: Instant;
  readonly told?: readonly AppId[];
  readonly withheldFrom?: readonly AppId[];
};

export const said = (name: string, text = 'hello'): Event => ({
  type: 'act_received',
  act: { kind: 'message', mid: mid(name), text, attachments: [], quickReplyPayload: null, referral: null },
});

export const sent = (name: string, by: AppId = BOT): Event => ({
  type: 'message_sent',
  app: by,
  message: { mid: mid(name), text: 'hi', attachment: null, quickReplies: [], metadata: null, replyTo: null },
  persona: null,
  renews: true,
});

export const tapped = (name: string): Event => ({
  type: 'act_received',
  act: {
    kind: 'postback',
    tapped: 'button',
    mid: mid(name),
    title: 'Yes',
    payload: 'YES',
    maker: BOT,
    referral: null,
  },
});

export const passed = (
  previous: AppId | null,
  next: AppId | null,
  metadata: string | null = null,
): Event => ({
  type: 'control_changed',
  cause: 'pass',
  actor: previous,
  previous,
  next,
  connection: 0,
  metadata,
});

export const introduced = (name: string): Event => ({ type: 'customer_introduced', name });

/** A thread without events; of `CUSTOMER` with `PAGE` unless said otherwise. */
export const fresh = (customer: Psid = CUSTOMER, of: PageId = PAGE): Thread => emptyThread(of, customer);

/** The commit that adds facts to a thread, on the pages as they are in a furnished store. */
export function add(
  thread: Thread,
  facts: readonly Fact[],
  terms: Partial<Pick<Commit, 'pageVersion' | 'validUntil' | 'expectedSeq'>> = {},
): Commit {
  let after = thread;
  const events = facts.map((fact) => {
    const recorded = recordedOn(after, fact);
    after = evolve(after, recorded);
    return recorded;
  });
  return {
    thread: after,
    expectedSeq: thread.seq,
    events,
    pageVersion: FURNISHED,
    validUntil: null,
    ...terms,
  };
}

function recordedOn(thread: Thread, { event, at = START, told = [], withheldFrom = [] }: Fact): Recorded {
  return {
    seq: thread.seq + 1,
    at,
    timestamp: Math.max(at, thread.timestamp + 1),
    epoch: applyEvent(thread, event, at).epoch,
    event,
    audience: [
      ...told.map((each) => {
        const laneSeq = (thread.lanes[each] ?? 0) + 1;
        return { app: each, channel: 'messages' as const, outcome: { told: true as const, laneSeq } };
      }),
      ...withheldFrom.map((each) => {
        const outcome = { told: false as const, reason: 'not_connected' as const, field: null };
        return { app: each, channel: 'standby' as const, outcome };
      }),
    ],
  };
}

/** A commit whose numbers do not fit each other: a bug of the caller that no store may write. */
export function broken(commit: Commit): Commit {
  return { ...commit, events: commit.events.map((each) => ({ ...each, seq: each.seq + 1 })) };
}

/** Writes commits that must not be refused, one transaction each. */
export async function write(store: Store, ...commits: readonly Commit[]): Promise<void> {
  for (const commit of commits) assert.deepEqual(await store.commit([commit]), ['committed']);
}

/** All that a store says of one thread. */
export async function everythingOf(store: Store, key: ThreadKey): Promise<unknown> {
  return {
    thread: await store.load(key),
    events: await store.events(key, { after: 0, limit: ALL }),
    waiting: await store.waitingOf(key),
    due: await store.due(Number.MAX_SAFE_INTEGER, ALL),
  };
}

/** Seqs of what waits on a lane. */
export async function waitingSeqs(store: Store, lane: Lane): Promise<readonly number[]> {
  return (await store.waiting(lane, ALL)).map(({ recorded }) => recorded.seq);
}
