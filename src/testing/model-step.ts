/** What one command does in the simple world of `model-world.ts`: the rules it would break, or what comes of it. */

import type { Command } from '../protocol/command.ts';
import type { AppId } from '../protocol/ids.ts';
import type { Act } from '../protocol/message.ts';
import type { RefusalReason } from '../protocol/refusal.ts';
import { HOUR_MS } from '../protocol/time.ts';
import {
  change,
  connected,
  type Draft,
  notify,
  notifyAll,
  primary,
  renew,
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
    case 'pass': {
      const target = targetOf(world, command.caller, command.target);
      forbid('target_required', target === null);
      forbid('target_not_connected', target !== null && !connected(world, target));
      const may = owner === null || owner === command.caller || primary(world) === command.caller;
      forbid('not_owner', !may);
      const already = owner !== null && owner === target;
      forbid('already_owner', already && owner === command.caller);
      forbid('target_is_owner', already && owner !== command.caller);
      break;
    }
    case 'take':
      forbid('already_owner', owner === command.caller);
      forbid('not_owner', owner !== null && owner !== command.caller && primary(world) !== command.caller);
      break;
    case 'request':
      forbid('already_owner', owner === command.caller);
      break;
    case 'release':
    case 'extend':
      forbid('not_owner', owner !== command.caller);
      break;
    case 'pass_metadata':
      forbid('target_not_connected', !connected(world, command.target));
      forbid('target_is_caller', command.target === command.caller);
      break;
    case 'send':
    case 'signal': {
      const human = command.humanAgent && world.apps.get(command.caller)?.humanAgent === true;
      const foreign =
        command.type === 'send' && command.persona !== null && command.persona.maker !== command.caller;
      forbid('persona_of_another_app', foreign);
      forbid('controlled_by_another', owner !== null && owner !== command.caller && !human);
      forbid('outside_window', !inWindow(world, human ? 7 * 24 : 24));
      break;
    }
    case 'read':
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

/** [C6] Who gets what is passed: without a target, a secondary app passes to the primary receiver. */
const targetOf = (world: World, caller: AppId, target: AppId | null): AppId | null =>
  target ?? (caller === primary(world) ? null : primary(world));

/** Carries out a command that breaks no rule. */
export function carryOut(draft: Draft, command: Command): void {
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
      say(draft, command.caller);
      break;
    case 'receive':
      receive(draft, command.act);
      break;
    case 'read':
      notifyAll(draft, 'read');
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
        if (owner === inbox)
          change(draft, primary(draft.world), { cause: 'inbox', actor: inbox, tells: true });
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
  const next = primary(draft.world);
  if (next !== null) change(draft, next, { cause: 'inbox', actor: draft.world.inbox, tells: true });
}

/** [C8, K4] */
function enqueue(draft: Draft, app: AppId): void {
  const { owner, queue } = draft.world;
  if (!queue.includes(app)) draft.world = { ...draft.world, queue: [...queue, app] };
  const readers = new Set([owner, primary(draft.world)]);
  for (const reader of readers) {
    if (reader !== null && reader !== app) notify(draft, reader, 'messages request_thread_control');
  }
}

/** [W5, I1] */
function say(draft: Draft, app: AppId): void {
  const { owner, apps } = draft.world;
  for (const each of apps.keys()) {
    notify(draft, each, each === app || each === owner ? 'messages echo' : 'standby echo');
  }
  if (owner === app) renew(draft);
  draft.world = { ...draft.world, spoke: 'page' };
}

/** [C15] */
function receive(draft: Draft, act: Act): void {
  const entry = entryOf(draft.world, act);
  const { owner } = draft.world;
  const maker = act.kind === 'postback' && connected(draft.world, act.maker) ? act.maker : null;
  const next = entry?.app ?? maker ?? owner ?? primary(draft.world);
  if (next !== null && next !== owner) {
    const cause = entry !== null ? 'entry_point' : maker !== null ? 'postback' : 'primary_receiver';
    change(draft, next, { cause });
  }
  if (entry !== null) {
    const term = { key: `${entry.source}:${entry.key}`, days: entry.days };
    draft.world = { ...draft.world, term };
  }
  const { now } = draft.world;
  draft.world = { ...draft.world, known: true, actAt: now, spoke: 'customer', marked: false };
  renew(draft);
  notifyAll(draft, act.kind);
}

/** [E1, C17] The entry point that the act carries, unless nobody is there to answer for it. */
function entryOf(world: World, { referral }: Act) {
  if (referral === null) return null;
  const key = referral.source === 'ADS' ? referral.adId : referral.ref;
  const entry = world.entryPoints.find((each) => each.source === referral.source && each.key === key);
  return entry !== undefined && connected(world, entry.app) ? entry : null;
}
