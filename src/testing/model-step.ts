/** What one command does in the simple world of `model-world.ts`: the rules it would break, or what comes of it. */

import type { AfterSend, Command, Send, Signal } from '../protocol/command.ts';
import type { AppId } from '../protocol/ids.ts';
import { type Act, referralOf } from '../protocol/message.ts';
import type { RefusalReason } from '../protocol/refusal.ts';
import { HOUR_MS } from '../protocol/time.ts';
import {
  change,
  connected,
  type Draft,
  lead,
  letOut,
  notify,
  notifyAll,
  renew,
  say,
  type World,
} from './model-world.ts';

/** Every reason that speaks against a command here; none: it is allowed. */
export function violations(world: World, command: Command): ReadonlySet<RefusalReason> {
  const found = new Set<RefusalReason>();
  const forbid = (reason: RefusalReason, when: boolean): void => {
    if (when) found.add(reason);
  };
  if ('caller' in command) {
    const facts = world.apps.get(command.caller);
    const isInbox = command.caller === world.inbox;
    forbid('caller_not_connected', !isInbox && facts?.subscribed !== true);
    forbid('unknown_customer', !world.known);
    forbid('caller_without_role', facts?.subscribed === true && !connected(world, command.caller));
    forbid('stale_epoch', command.controlEpoch !== null && command.controlEpoch !== world.epoch);
  }
  const { owner } = world;
  switch (command.type) {
    case 'pass':
      for (const reason of passProblems(world, command.caller, command.target)) found.add(reason);
      break;
    case 'take':
      forbid('already_owner', owner === command.caller);
      forbid(
        'not_owner',
        !world.routing && !(owner === null || [owner, lead(world)].includes(command.caller)),
      );
      forbid('take_not_given', world.routing && owner !== command.caller && !mayTake(world, command.caller));
      break;
    case 'request':
      forbid('not_available', world.routing);
      forbid('already_owner', owner === command.caller);
      break;
    case 'release':
    case 'extend':
      forbid('not_owner', owner !== command.caller);
      break;
    case 'pass_metadata':
      forbid('not_available', world.routing);
      forbid('target_not_connected', !connected(world, command.target));
      forbid('target_is_caller', command.target === command.caller);
      break;
    case 'send':
    case 'signal': {
      const human = command.humanAgent && world.apps.get(command.caller)?.humanAgent === true;
      const foreign =
        command.type === 'send' && command.persona !== null && command.persona.maker !== command.caller;
      forbid('persona_of_another_app', foreign);
      forbid('thread_control_not_available', command.control !== null && !world.routing);
      if (command.type === 'send' && command.survey) {
        forbid('outside_window', !inWindow(world, 7 * 24));
      } else {
        const enters = human && (!world.routing || mayTake(world, command.caller));
        forbid('controlled_by_another', owner !== null && owner !== command.caller && !enters);
        const silent = world.routing && owner === null && lead(world) !== command.caller && !enters;
        forbid('not_default_app', silent);
        forbid('outside_window', !inWindow(world, human ? 7 * 24 : 24));
      }
      if (found.size === 0 && command.control !== null) return afterwards(world, command, command.control);
      break;
    }
    case 'set_menu':
      forbid('menu_of_another', owner !== null && owner !== command.caller);
      break;
    case 'tap':
      forbid('nothing_to_tap', world.menu === null || !connected(world, world.menu));
      break;
    case 'read':
    case 'delivered':
    case 'inbox_move':
      forbid('unknown_customer', !world.known);
      break;
    case 'inbox_reply':
      forbid('unknown_customer', !world.known);
      forbid('outside_window', !inWindow(world, 7 * 24));
      break;
  }
  return found;
}

const inWindow = (world: World, hours: number): boolean =>
  world.actAt !== null && world.now < world.actAt + hours * HOUR_MS;

const mayTake = (world: World, app: AppId): boolean =>
  app === world.inbox || world.apps.get(app)?.takeControl === true;

/** [C6, R4] */
function passProblems(world: World, caller: AppId, named: AppId | null): ReadonlySet<RefusalReason> {
  const found = new Set<RefusalReason>();
  const { owner, routing } = world;
  const target = targetOf(world, caller, named);
  if (target === null) found.add('target_required');
  if (target !== null && !connected(world, target)) found.add('target_not_connected');
  const may = owner === null || owner === caller || (!routing && lead(world) === caller);
  if (!may) found.add('not_owner');
  const already = owner !== null && owner === target;
  if (already) found.add(owner === caller ? 'already_owner' : 'target_is_owner');
  return found;
}

/** [R5] What speaks against moving control once the message is out. */
function afterwards(world: World, sent: Send | Signal, control: AfterSend): ReadonlySet<RefusalReason> {
  const { caller } = sent;
  const takes = sent.type === 'send' && !sent.survey && enteredByTag(world, sent);
  const then = takes ? { ...world, owner: caller } : world;
  // The pass is the take.
  if (takes && control.type === 'pass' && targetOf(world, caller, control.target) === caller)
    return new Set();
  if (control.type === 'pass') return passProblems(then, caller, control.target);
  return new Set(then.owner === caller ? [] : (['not_owner'] as const));
}

/** [R11] Whether it is only by the tag that the app may speak here. */
function enteredByTag(world: World, { caller, humanAgent }: Send | Signal): boolean {
  const { owner, routing } = world;
  const byRight = owner === caller || (owner === null && (!routing || lead(world) === caller));
  return humanAgent && !byRight;
}

/** [C6, R4] Who gets what is passed: without a target the lead, which must name another in handover mode. */
const targetOf = (world: World, caller: AppId, target: AppId | null): AppId | null =>
  target ?? (caller === lead(world) && !world.routing ? null : lead(world));

/** Carries out a command that breaks no rule. */
export function carryOut(draft: Draft, command: Command): void {
  carryOutAlone(draft, command);
  letOut(draft, draft.world.now);
}

function carryOutAlone(draft: Draft, command: Command): void {
  const { owner, inbox } = draft.world;
  switch (command.type) {
    case 'pass': {
      const actor = command.caller;
      const target = targetOf(draft.world, actor, command.target);
      const isTake = owner !== null && target === actor;
      change(draft, target, { cause: isTake ? 'take' : 'pass', actor, tells: !isTake });
      break;
    }
    case 'take':
      change(draft, command.caller, { cause: 'take', actor: command.caller });
      break;
    case 'request':
      if (owner === null)
        change(draft, command.caller, { cause: 'request', actor: command.caller, tells: true });
      else enqueue(draft, command.caller);
      break;
    case 'release':
      change(draft, null, { cause: 'release', actor: command.caller });
      break;
    case 'extend': {
      const extensionEnd = Math.max(draft.world.extensionEnd ?? 0, draft.world.now + command.durationMs);
      draft.world = { ...draft.world, extensionEnd };
      break;
    }
    case 'pass_metadata':
      notify(draft, command.target, 'messages pass_thread_metadata');
      break;
    case 'send':
    case 'signal':
      speak(draft, command);
      break;
    case 'set_menu':
      draft.world = { ...draft.world, menu: command.menu === null ? null : command.caller };
      break;
    case 'receive':
      receive(draft, command.act);
      break;
    case 'tap': {
      const maker = draft.world.menu ?? inbox;
      const tap = { kind: 'postback', tapped: 'menu', mid: command.mid, title: '', payload: '' } as const;
      receive(draft, { ...tap, maker, referral: null });
      break;
    }
    case 'read':
      notifyAll(draft, 'read');
      break;
    case 'delivered':
      notifyAll(draft, 'delivery');
      break;
    case 'inbox_reply':
      if (owner !== inbox && !draft.world.marked) change(draft, inbox, { cause: 'inbox', actor: inbox });
      say(draft, inbox);
      if (draft.world.owner === null) giveToPrimary(draft);
      break;
    case 'inbox_move':
      if (command.folder === 'main') {
        if (owner !== inbox) change(draft, inbox, { cause: 'inbox', actor: inbox });
      } else {
        const next = lead(draft.world);
        if (owner === inbox) {
          change(draft, next === inbox ? null : next, { cause: 'inbox', actor: inbox, tells: true });
        }
        draft.world = { ...draft.world, marked: command.folder === 'done' };
      }
      break;
    case 'introduce':
      draft.world = { ...draft.world, known: true };
      break;
  }
}

/** [X4] */
function giveToPrimary(draft: Draft): void {
  const next = lead(draft.world);
  if (next !== null) change(draft, next, { cause: 'inbox', actor: draft.world.inbox, tells: true });
}

/** [C8, K4] */
function enqueue(draft: Draft, app: AppId): void {
  const { owner, queue } = draft.world;
  if (!queue.includes(app)) draft.world = { ...draft.world, queue: [...queue, app] };
  const readers = new Set([owner, lead(draft.world)]);
  for (const reader of readers) {
    if (reader !== null && reader !== app) notify(draft, reader, 'messages request_thread_control');
  }
}

/** [S1, R5, R11] */
function speak(draft: Draft, command: Send | Signal): void {
  const { caller, control } = command;
  const { owner, routing, held } = draft.world;
  if (command.type === 'send' && command.survey && owner !== null && owner !== caller) {
    draft.world = { ...draft.world, held: [...held, caller] };
    return;
  }
  const target = control?.type === 'pass' ? targetOf(draft.world, caller, control.target) : null;
  if (command.type === 'send') {
    const takes = routing && !command.survey && enteredByTag(draft.world, command);
    if (takes) change(draft, caller, { cause: 'take', actor: caller });
    say(draft, caller);
    if (takes && target === caller) return;
  }
  if (control?.type === 'pass') {
    change(draft, target, { cause: 'pass', actor: caller, tells: true });
  } else if (control !== null) {
    change(draft, null, { cause: 'release', actor: caller });
  }
}

/** [C15] */
function receive(draft: Draft, act: Act): void {
  const entry = entryOf(draft.world, act);
  const { owner, routing } = draft.world;
  const maker = act.kind === 'postback' && connected(draft.world, act.maker) ? act.maker : null;
  // [S3] A survey answer moves nothing.
  const next = act.kind === 'feedback' ? null : (entry?.app ?? maker ?? owner ?? lead(draft.world));
  if (next !== null && next !== owner) {
    const byTap = act.kind === 'postback' && act.tapped === 'menu' ? 'menu' : 'postback';
    const byLead = routing ? 'default_app' : 'primary_receiver';
    change(draft, next, { cause: entry !== null ? 'entry_point' : maker !== null ? byTap : byLead });
  }
  if (entry !== null) {
    const term = { key: `${entry.source}:${entry.key}`, days: entry.days };
    draft.world = { ...draft.world, term };
  }
  const { now } = draft.world;
  draft.world = { ...draft.world, known: true, actAt: now, spoke: 'customer', marked: false };
  renew(draft);
  if (act.kind === 'feedback') notify(draft, act.maker, 'messages feedback');
  else notifyAll(draft, act.kind);
}

/** [E1, C17] The entry point that the act carries, unless nobody is there to answer for it. */
function entryOf(world: World, act: Act) {
  const referral = referralOf(act);
  if (referral === null) return null;
  const key = referral.source === 'ADS' ? referral.adId : referral.ref;
  const entry = world.entryPoints.find((each) => each.source === referral.source && each.key === key);
  return entry !== undefined && connected(world, entry.app) ? entry : null;
}
