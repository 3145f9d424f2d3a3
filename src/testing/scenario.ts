/**
 * Stories about one thread, played in memory through `decide`: no store, no clock, no network, and nothing in the
 * place of anything. Everything handed to the rules is frozen, so a rule that wrote into its input would throw.
 */

import assert from 'node:assert/strict';
import { askOwner, askRequests, type Question } from '../protocol/ask.ts';
import { controlNotice } from '../protocol/audience.ts';
import type { Command, Folder } from '../protocol/command.ts';
import { type Decision, decide } from '../protocol/decide.ts';
import type { Event, Recorded } from '../protocol/event.ts';
import { historyOf } from '../protocol/history.ts';
import { type AppId, PAGE_LANE, type Psid } from '../protocol/ids.ts';
import { folderOf } from '../protocol/inbox.ts';
import type { Mode } from '../protocol/modes.ts';
import { type Channel, type Page, type Profile, toldLead } from '../protocol/page.ts';
import { record, type Story } from '../protocol/record.ts';
import type { Refusal, RefusalReason } from '../protocol/refusal.ts';
import { emptyThread, openRequests, ownerAt, type Thread } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import { CUSTOMER, tick } from './scenario-commands.ts';
import {
  type AppOptions,
  type PageOptions,
  pageOf,
  withApp,
  withIdleChannel,
  withMode,
  withPrimary,
  withProfile,
} from './scenario-page.ts';

/** When every story begins. */
export const START: Instant = 1_767_603_600_000;

/** What an app was told. */
export type Heard = { readonly channel: Channel; readonly kind: string; readonly recorded: Recorded };

export type Scenario = {
  now(): Instant;
  page(): Page;
  thread(): Thread;
  /** Everything recorded, in order. */
  events(): readonly Recorded[];

  /** Plays a command, whatever comes of it. */
  play(command: Command): Decision;
  /** Plays commands that must be allowed. */
  does(...commands: readonly Command[]): Scenario;
  /** Plays a command that must be refused for this reason, and proves that nothing has changed by it. */
  refuses(command: Command, reason: RefusalReason): Refusal;

  /** Lets time go by. No job runs: what is due stays due (I3). */
  wait(ms: number): Scenario;
  waitUntil(at: Instant): Scenario;
  /** An administrator changes an app's relation to the page. */
  changeApp(app: AppId, change: AppOptions): Scenario;
  connect(app: AppId): Scenario;
  disconnect(app: AppId): Scenario;
  /** [P1, P6] Names the primary receiver, or none. */
  namePrimary(app: AppId | null): Scenario;
  setIdleChannel(channel: Channel | null): Scenario;
  /** [R9] */
  switchTo(mode: Mode): Scenario;
  /** [M6] What the page shows beside messages, all of it. */
  setProfile(profile: Profile): Scenario;

  /** The owner at this instant, or null. */
  owner(): AppId | null;
  /** When control ends, or null on an idle thread. */
  endsAt(): Instant | null;
  /** The apps with open requests, first come first. */
  queue(): readonly AppId[];
  folder(): Folder;
  /** The history as it reads now, what is due included: `previous -> next by cause`; `-` for nobody. */
  history(): readonly string[];
  /** The same as values. */
  lines(): ReturnType<typeof historyOf>;
  /** What the app was told since the last `hush`, in order: `channel kind`. */
  heard(app: AppId): readonly string[];
  /** The same with everything about it. */
  notices(app: AppId): readonly Heard[];
  /** Forgets what was heard so far. */
  hush(): Scenario;
  /** How this app would ask about the thread now. */
  question(caller: AppId): Question;
};

/** A story's beginning: a page, and a customer of whom nothing is known yet. */
export function given(options: PageOptions & { readonly customer?: Psid; readonly now?: Instant }): Scenario {
  let page = deepFreeze(pageOf(options));
  let now = options.now ?? START;
  let story: Story = { thread: emptyThread(page.id, options.customer ?? CUSTOMER), events: [] };
  let pageStory: Story = { thread: emptyThread(page.id, PAGE_LANE), events: [] };
  /** Events of the thread and of the page's lane, as they came. */
  let told: readonly Recorded[] = [];

  const add = (events: readonly Recorded[]): void => {
    told = [...told, ...events];
  };
  const changePage = (next: Page): Scenario => {
    const previous = toldLead(page);
    page = deepFreeze(next);
    if (previous !== toldLead(page)) {
      const event: Event = { type: 'primary_receiver_changed', previous, next: toldLead(page) };
      const before = pageStory.events.length;
      pageStory = record(page, pageStory, [{ at: now, event }]);
      add(pageStory.events.slice(before));
    }
    return scenario;
  };
  const play = (command: Command): Decision => {
    const decision = decide(page, deepFreeze(story.thread), deepFreeze(command), now);
    if (decision.ok) {
      story = { thread: decision.thread, events: [...story.events, ...decision.events] };
      add(decision.events);
    }
    return decision;
  };
  const settled = (): readonly Recorded[] => {
    const due = decide(page, story.thread, tick, now);
    return due.ok ? [...story.events, ...due.events] : story.events;
  };
  const notices = (app: AppId): readonly Heard[] => told.flatMap((recorded) => hearing(recorded, app));

  const scenario: Scenario = {
    now: () => now,
    page: () => page,
    thread: () => story.thread,
    events: () => story.events,
    play,
    does(...commands) {
      for (const command of commands) {
        const decision = play(command);
        if (!decision.ok) assert.fail(`${command.type} was refused: ${decision.refusal.reason}`);
      }
      return scenario;
    },
    refuses(command, reason) {
      const before = portrait(scenario, told);
      const decision = play(command);
      if (decision.ok) assert.fail(`${command.type} was allowed`);
      assert.equal(decision.refusal.reason, reason);
      assert.deepEqual(Object.keys(decision), ['ok', 'refusal']);
      assert.deepEqual(portrait(scenario, told), before);
      return decision.refusal;
    },
    wait: (ms) => scenario.waitUntil(now + ms),
    waitUntil(at) {
      assert.ok(at >= now, 'time does not run backwards');
      now = at;
      return scenario;
    },
    changeApp: (app, change) => changePage(withApp(page, app, { ...change, now })),
    connect: (app) => scenario.changeApp(app, { subscribed: true }),
    disconnect: (app) => scenario.changeApp(app, { subscribed: false }),
    namePrimary: (app) => changePage(withPrimary(page, app)),
    setIdleChannel: (channel) => changePage(withIdleChannel(page, channel)),
    switchTo: (mode) => changePage(withMode(page, mode, now)),
    setProfile: (profile) => changePage(withProfile(page, profile)),
    owner: () => ownerAt(page, story.thread, now)?.owner ?? null,
    endsAt: () => ownerAt(page, story.thread, now)?.until ?? null,
    queue: () => openRequests(page, story.thread, now).map(({ app }) => app),
    folder: () => folderOf(page, story.thread, now),
    lines: () => historyOf(settled()),
    history: () =>
      historyOf(settled()).map(
        ({ previous, next, cause }) => `${previous ?? '-'} -> ${next ?? '-'} by ${cause}`,
      ),
    heard: (app) => notices(app).map(({ channel, kind }) => `${channel} ${kind}`),
    notices,
    hush() {
      told = [];
      return scenario;
    },
    question: (caller) => ({ page, thread: story.thread, caller, now }),
  };
  return scenario;
}

/** Everything that a refused call must leave as it is (C13). */
function portrait(scenario: Scenario, told: readonly Recorded[]): unknown {
  return {
    thread: scenario.thread(),
    owner: scenario.owner(),
    endsAt: scenario.endsAt(),
    queue: scenario.queue(),
    folder: scenario.folder(),
    lines: scenario.lines(),
    told,
    answers: scenario.page().connections.map(({ app }) => {
      const question = scenario.question(app);
      return [askOwner(question), askRequests(question)];
    }),
  };
}

/** What an app was told by an event: nothing, or one notice. */
export function hearing(recorded: Recorded, app: AppId): readonly Heard[] {
  return recorded.audience
    .filter((addressed) => addressed.app === app && addressed.outcome.told)
    .map(({ channel }) => ({ channel, kind: kindOf(recorded.event, app), recorded }));
}

/** The name of the webhook that carries the event to an app, as the wire will have it. */
function kindOf(event: Event, app: AppId): string {
  switch (event.type) {
    case 'control_changed':
      return `${controlNotice(event, app)}_thread_control`;
    case 'control_requested':
      return 'request_thread_control';
    case 'metadata_passed':
      return 'pass_thread_metadata';
    case 'primary_receiver_changed':
      return 'app_roles';
    case 'act_received':
      return event.act.kind;
    case 'message_sent':
      return 'echo';
    case 'messages_read':
      return 'read';
    case 'messages_delivered':
      return 'delivery';
    default:
      throw new Error(`nobody is told of ${event.type}`);
  }
}

/** The value itself, with everything in it made unchangeable. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
