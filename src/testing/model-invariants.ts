/** What must hold of every decision that is not a refusal, whatever the rules say of the command. */

import type { Command } from '../protocol/command.ts';
import type { Decision } from '../protocol/decide.ts';
import type { Recorded } from '../protocol/event.ts';
import { evolve } from '../protocol/evolve.ts';
import type { AppId } from '../protocol/ids.ts';
import { TRAITS } from '../protocol/modes.ts';
import { inboxOf, isConnected, type Page } from '../protocol/page.ts';
import type { Thread } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';

type Before = {
  readonly page: Page;
  readonly thread: Thread;
  readonly command: Command;
  readonly now: Instant;
};

/** Throws the first invariant that the decision breaks. */
export function checkInvariants(before: Before, decision: Extract<Decision, { ok: true }>): void {
  let thread = before.thread;
  for (const recorded of decision.events) {
    checkPlace(before, thread, recorded);
    const after = evolve(thread, recorded);
    checkOwnership(thread, after, recorded);
    checkVoice(before, thread, after, recorded);
    checkAudience(before.page, thread, after, recorded);
    thread = after;
  }
  hold(same(thread, decision.thread), 'the fold of the events is the thread');
}

/** `seq` without gaps, timestamps that grow, dates that never fall, nothing in the future. */
function checkPlace({ now }: Before, thread: Thread, recorded: Recorded): void {
  hold(recorded.seq === thread.seq + 1, 'seq grows by one');
  hold(recorded.timestamp > thread.timestamp, 'timestamps grow');
  hold(recorded.timestamp >= recorded.at, 'a timestamp is never before its event');
  hold(recorded.at >= thread.lastEventAt, 'dates never fall');
  hold(recorded.at <= Math.max(now, thread.lastEventAt), 'nothing is dated in the future');
}

/** The epoch grows with every change of owner and never otherwise; every change has its line. */
function checkOwnership(thread: Thread, then: Thread, recorded: Recorded): void {
  const { event } = recorded;
  const owner = thread.lease?.owner ?? null;
  const after = then.lease?.owner ?? null;
  hold(recorded.epoch === thread.epoch + (after === owner ? 0 : 1), 'epoch grows with the owner only');
  hold((event.type === 'control_changed') === (owner !== after), 'a change of owner is a line');
  if (event.type === 'control_changed') {
    hold(event.previous === owner && event.next === after, 'a line names both apps');
  }
}

/** [C4, H1, X3, X4] Whose voice reaches the customer. */
function checkVoice({ page, command }: Before, thread: Thread, after: Thread, { event }: Recorded): void {
  if (event.type !== 'message_sent') return;
  const owner = after.lease?.owner ?? null;
  hold(event.renews === (owner === event.app && TRAITS[page.mode].ownerRenews), 'the owner renews its lease');
  if (owner === null || owner === event.app) return;
  const feature = page.connections.find(({ app }) => app === event.app)?.humanAgent === true;
  const asHuman = command.type === 'send' && command.humanAgent && feature;
  const intoDone = event.app === inboxOf(page) && thread.done;
  hold(asHuman || intoDone, 'nobody but the owner speaks');
}

/** Nobody twice; everyone connected hears of what is said, the owner on `messages`; lanes have no gaps. */
function checkAudience(page: Page, before: Thread, after: Thread, recorded: Recorded): void {
  const { event, audience } = recorded;
  const told = audience.filter(({ outcome }) => outcome.told).map(({ app }) => app);
  hold(new Set(audience.map(({ app }) => app)).size === audience.length, 'nobody is addressed twice');
  for (const { app, outcome } of audience) {
    if (!outcome.told) continue;
    hold(outcome.laneSeq === (before.lanes[app] ?? 0) + 1, 'lanes have no gaps');
    hold(after.lanes[app] === outcome.laneSeq, 'the lane is kept');
    hold(isConnected(page, app, after.psid), 'only the connected are told');
  }
  const isAct = event.type === 'act_received' && event.act.kind !== 'feedback';
  const isReceipt = event.type === 'messages_read' || event.type === 'messages_delivered';
  if (!isAct && !isReceipt && event.type !== 'message_sent') return;
  const owner = after.lease?.owner ?? null;
  const sender: AppId | null = event.type === 'message_sent' ? event.app : null;
  const channelOf = (app: AppId) => audience.find((each) => each.app === app)?.channel;
  const others = page.connections.map(({ app }) => app).filter((app) => app !== owner && app !== sender);
  for (const { app, standbyAccess } of page.connections) {
    if (!isConnected(page, app, after.psid)) continue;
    const isShut = TRAITS[page.mode].standbyIsGiven && channelOf(app) === 'standby' && !standbyAccess;
    hold(told.includes(app) !== isShut, 'everyone connected hears what is said');
    const first = app === owner || app === sender;
    if (first) hold(channelOf(app) === 'messages', 'the owner and the sender hear on messages');
    else if (owner !== null || sender !== null)
      hold(channelOf(app) === 'standby', 'the others hear on standby');
  }
  hold(new Set(others.map(channelOf)).size < 2, 'all the others hear on one channel');
}

/** Whether two threads are the same, fields in any order. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) =>
    same((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}

function hold(holds: boolean, invariant: string): void {
  if (!holds) throw new Error(`broken: ${invariant}`);
}
