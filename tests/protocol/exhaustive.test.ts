/**
 * A small world, walked through to its end: three apps and the inbox, every command at every point. Two threads are
 * the same point when they differ only in numbers, epoch and dates; of the dates only the order counts in which the
 * coming ends lie, and whether the next of them is a millisecond away. Time moves to the next end or to just before
 * it. At every point the core is compared with the simple world of `src/testing/model-world.ts`, and every decision
 * must keep the invariants.
 *
 * Walks in time, on a page that stays as it is, in each mode; with apps that come and go, in no time; with surveys that
 * wait; with menus; and with modes that are switched.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Command } from '../../src/protocol/command.ts';
import { decide } from '../../src/protocol/decide.ts';
import { type AppId, PAGE_INBOX } from '../../src/protocol/ids.ts';
import type { Page } from '../../src/protocol/page.ts';
import { lostAt } from '../../src/protocol/page.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import {
  type Action,
  agree,
  beginAt,
  compare,
  expect,
  linesOf,
  type Pair,
  step,
} from '../../src/testing/model-check.ts';
import { same } from '../../src/testing/model-invariants.ts';
import { START } from '../../src/testing/scenario.ts';
import {
  ad,
  answerSurvey,
  BOT,
  CUSTOMER,
  come,
  DESK,
  delivered,
  extend,
  introduce,
  move,
  pass,
  passing,
  pick,
  QUIZ,
  react,
  read,
  release,
  releasing,
  reply,
  request,
  send,
  setMenu,
  survey,
  take,
  tap,
  tell,
  tick,
  typing,
  write,
} from '../../src/testing/scenario-commands.ts';
import { pageOf } from '../../src/testing/scenario-page.ts';

const APPS = [BOT, DESK, QUIZ];

/** Every command of these apps, the inbox and the customer. */
function commandsOf(apps: readonly AppId[]): readonly Command[] {
  const targets = [null, ...APPS, PAGE_INBOX];
  return [
    ...apps.flatMap((app) => [
      ...targets.map((target) => pass(app, target)),
      take(app),
      request(app),
      release(app),
      extend(app, 3_600),
      extend(app, 172_800),
      tell(app, BOT),
      send(app),
      send(app, { humanAgent: true }),
      tap(app),
    ]),
    ...targets.map((target) => pass(PAGE_INBOX, target)),
    reply(),
    move('main'),
    move('general'),
    move('done'),
    write(),
    come(ad('777')),
    tap(BOT, { referral: ad('777') }),
    read,
    introduce(null),
    tick,
  ];
}

/** [R5, R11] What sends can do under Conversation Routing besides. */
const routingCommands: readonly Command[] = APPS.flatMap((app) => [
  send(app, { control: passing(null) }),
  send(app, { control: passing(QUIZ) }),
  send(app, { control: passing(app), humanAgent: true }),
  send(app, { control: releasing, humanAgent: true }),
  typing(app, { control: releasing }),
]);

/** The coming ends: of control in its three parts, and of the messaging windows. */
function endsOf({ world }: Pair): readonly (number | null)[] {
  const { actAt, owner, leaseEnd, extensionEnd, term } = world;
  const owned = owner === null ? [] : [leaseEnd, extensionEnd, term && actAt && actAt + term.days * DAY_MS];
  const windows = actAt === null ? [] : [actAt + DAY_MS, actAt + 7 * DAY_MS];
  return [...windows, ...owned].map((end) => (end !== null && end > world.now ? end : null));
}

/** What two points must have in common to be one. */
function nameOf(pair: Pair): string {
  const { page, thread, world } = pair;
  const ends = endsOf(pair);
  const order = [...new Set(ends)].filter((end) => end !== null).sort((one, other) => one - other);
  const places = ends.map((end) => (end === null ? '-' : order.indexOf(end)));
  const lost = (app: AppId, number: number): boolean => lostAt(page, app, number, thread.psid) !== null;
  return [
    world.owner,
    world.queue,
    world.known,
    world.spoke,
    world.marked,
    places,
    order[0] === world.now + 1,
    thread.lease !== null && [thread.lease.owner, lost(thread.lease.owner, thread.lease.connection)],
    thread.requests.map(({ app, connection }) => `${app}${lost(app, connection)}`),
    world.named,
    world.routing,
    world.held,
    world.owed.map(({ app, what }) => app + what),
    world.menu,
    [...world.apps.values()].map(({ subscribed, advanced }) => `${subscribed}${advanced}`),
  ].join('|');
}

/** Time moves to just before the next end, or to it. */
function timeOf(pair: Pair): readonly Action[] {
  const { now } = pair.world;
  const ends = endsOf(pair).filter((end) => end !== null);
  if (ends.length === 0) return [];
  const next = Math.min(...ends);
  return [next - 1, next].filter((until) => until > now).map((until) => ({ type: 'wait', until }));
}

type Walk = { readonly states: number; readonly transitions: number };

/** From a page on which nothing has happened to every point that can be reached. */
function walk(page: Page, commands: readonly Command[], more: (pair: Pair) => readonly Action[]): Walk {
  const start = beginAt(page, CUSTOMER, START);
  const reached = new Set([nameOf(start)]);
  const points: Pair[] = [start];
  let transitions = 0;
  for (const pair of points) {
    const due = compare(pair);
    releasedByOne(pair);
    for (const action of [...commands, ...more(pair).filter((each) => isOpen(pair, each))]) {
      transitions++;
      const done = step(pair, action);
      agree(done.pair);
      // Lines that were due before a command come first (I3); then those of the command itself.
      if (done.decision?.ok === true) {
        const lines = linesOf(done.decision.events);
        expect(same(lines, [...due, ...done.lines]), 'history', { action, lines, due, expected: done.lines });
      }
      const name = nameOf(done.pair);
      if (reached.has(name)) continue;
      reached.add(name);
      points.push(done.pair);
    }
  }
  return { states: reached.size, transitions };
}

/** A page is changed once the sweep has come by. */
const isOpen = ({ world }: Pair, { type }: Action): boolean =>
  world.owed.length === 0 || (type !== 'app' && type !== 'mode' && type !== 'primary');

/** [C1] As many apps may release as there are owners: one, or none. */
function releasedByOne({ page, thread, world }: Pair): void {
  const apps = [...world.apps.keys(), world.inbox];
  const owners = apps.filter((app) => decide(page, thread, release(app), world.now).ok);
  expect(owners.join() === (world.owner ?? ''), 'one owner', { owners, owner: world.owner });
}

function report(t: TestContext, { states, transitions }: Walk): void {
  t.diagnostic(`${states} states, ${transitions} transitions`);
}

const entryPoints = [{ source: 'ADS', key: '777', app: DESK, days: 3 }] as const;
const apps = [BOT, [DESK, { humanAgent: true }], QUIZ] as const;

for (const primary of [BOT, null]) {
  const page = pageOf({ primary, entryPoints, apps });
  test(`[C1] the whole of a small world in time, ${primary === null ? 'without' : 'with'} a primary receiver`, (t) => {
    const seen = walk(page, commandsOf(APPS), timeOf);
    report(t, seen);
    assert.ok(seen.states > 1_000, 'the walk has shrunk');
  });
}

test('[C17] the whole of a small world in which apps come and go', (t) => {
  const page = pageOf({ primary: BOT, entryPoints, apps });
  const change = (app: AppId, to: boolean): Action => ({ type: 'app', app, change: { subscribed: to } });
  const commands = commandsOf(APPS).filter(({ type }) => type !== 'extend');
  const seen = walk(page, commands, ({ world }) => [
    ...[BOT, DESK].flatMap((app) => [change(app, true), change(app, false)]),
    { type: 'app', app: QUIZ, change: { advanced: world.apps.get(QUIZ)?.advanced !== true } },
    { type: 'primary', app: null },
    ...(world.apps.get(BOT)?.subscribed === true ? [{ type: 'primary', app: BOT } as const] : []),
  ]);
  report(t, seen);
  assert.ok(seen.states > 1_000, 'the walk has shrunk');
});

const ROUTING = 'conversation_routing';
const routedApps = [
  BOT,
  [DESK, { humanAgent: true }],
  [QUIZ, { takeControl: false, standbyAccess: false }],
] as const;

for (const primary of [BOT, null]) {
  const page = pageOf({ mode: ROUTING, primary, entryPoints, apps: routedApps });
  test(`[R1] the whole of a small world under Conversation Routing, ${primary === null ? 'the inbox' : 'an app'} as default app`, (t) => {
    const seen = walk(page, [...commandsOf(APPS), ...routingCommands], timeOf);
    report(t, seen);
    assert.ok(seen.states > 500, 'the walk has shrunk');
  });
}

/** [S] At most two surveys wait, so that the walk ends. */
const surveys = ({ world, thread }: Pair): readonly Action[] =>
  world.held.length < 2 ? [DESK, QUIZ].map((app) => survey(app, `m_${thread.seq}`)) : [];

for (const mode of ['handover', ROUTING] as const) {
  test(`[S4] the whole of a small world with surveys that wait, ${mode}`, (t) => {
    const page = pageOf({ mode, primary: BOT, apps: routedApps });
    const calls = [BOT, DESK].flatMap((app) => [take(app), release(app), extend(app, 604_800), send(app)]);
    const people = [move('main'), move('done'), reply(), pass(PAGE_INBOX, QUIZ)];
    const customer = [write(), answerSurvey(DESK), read, tick];
    const seen = walk(page, [...calls, ...people, ...customer, pass(BOT, QUIZ), pass(QUIZ, BOT)], (pair) => [
      ...surveys(pair),
      ...timeOf(pair),
    ]);
    report(t, seen);
    assert.ok(seen.states > 500, 'the walk has shrunk');
  });

  test(`[C17] the whole of a small world with surveys whose senders come and go, ${mode}`, (t) => {
    const page = pageOf({ mode, primary: BOT, apps: routedApps });
    const calls = [BOT, DESK, QUIZ].flatMap((app) => [take(app), release(app)]);
    const seen = walk(page, [...calls, move('main'), move('done'), write(), tick], (pair) => [
      ...surveys(pair),
      ...[BOT, DESK, QUIZ].flatMap((app): readonly Action[] => [
        { type: 'app', app, change: { subscribed: true } },
        { type: 'app', app, change: { subscribed: false } },
      ]),
    ]);
    report(t, seen);
    assert.ok(seen.states > 200, 'the walk has shrunk');
  });

  test(`[M5] the whole of a small world with menus whose makers come and go, ${mode}`, (t) => {
    const page = pageOf({ mode, primary: BOT, entryPoints, apps: routedApps });
    const calls = APPS.flatMap((app) => [
      take(app),
      release(app),
      send(app),
      setMenu(app, ['More']),
      setMenu(app, null),
    ]);
    const customer = [pick(0), write(), react(), delivered, come(ad('777')), tap(QUIZ)];
    const seen = walk(page, [...calls, ...customer, move('main'), move('done'), tick], () =>
      [BOT, DESK].flatMap((app): readonly Action[] => [
        { type: 'app', app, change: { subscribed: true } },
        { type: 'app', app, change: { subscribed: false } },
      ]),
    );
    report(t, seen);
    assert.ok(seen.states > 100, 'the walk has shrunk');
  });
}

test('[R12] the whole of a small world whose mode is switched', (t) => {
  const page = pageOf({ primary: BOT, apps: routedApps });
  const calls = APPS.flatMap((app) => [take(app), release(app), request(app), send(app), pass(app, null)]);
  const people = [move('main'), move('done'), reply()];
  const seen = walk(page, [...calls, ...people, write(), tick], (pair) => [
    { type: 'mode', mode: pair.world.routing ? 'handover' : ROUTING },
    { type: 'app', app: BOT, change: { subscribed: pair.world.apps.get(BOT)?.subscribed !== true } },
    ...timeOf(pair),
  ]);
  report(t, seen);
  assert.ok(seen.states > 500, 'the walk has shrunk');
});
