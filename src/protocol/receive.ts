/** [C15] What the customer does, and where it takes control. */

import type { Receive, Tap } from './command.ts';
import type { Cause, Event } from './event.ts';
import type { AppId } from './ids.ts';
import { tapped } from './menu.ts';
import { type Act, type Referral, referralOf } from './message.ts';
import { TRAITS } from './modes.ts';
import { type EntryPoint, isConnected, leadFor, type Page } from './page.ts';
import { changeTo, type Outcome, type Scene } from './scene.ts';

/** [C15, P3, B1, B3, E1, S3, R1] Control goes where the act takes it, then the act itself is told. */
export function receive(scene: Scene, command: Receive): Outcome {
  const { page, thread, control } = scene;
  const { act, until } = command;
  if (until !== undefined && until <= scene.now) return { refused: 'survey_expired' };
  const entry = entryPointOf(page, referralOf(act));
  const byEntry = entry !== null && isConnected(page, entry.app, thread.psid) ? entry : null;
  const next = nextOwner(scene, act, byEntry?.app ?? null);

  const events: Event[] = [];
  if (next !== null && next.app !== control?.owner) {
    events.push(changeTo(scene, next.app, { cause: next.cause, actor: null }));
  }
  if (byEntry !== null) {
    const entryPoint = `${byEntry.source}:${byEntry.key}`;
    events.push({ type: 'term_started', entryPoint, days: byEntry.days });
  }
  events.push({ type: 'act_received', act: readable(scene, act) });
  return { events };
}

/** [M5, M6] A tap on something of the profile: a postback of its maker. What opens a page on the web reaches no app. */
export function tap(scene: Scene, command: Tap): Outcome {
  const { mid, what, referral } = command;
  const found = tapped(scene, command);
  if (found === null) return { refused: 'nothing_to_tap' };
  if (found.kind === 'url') return { events: [] };
  const { maker, title, payload } = found;
  const act: Act = { kind: 'postback', tapped: what.kind, mid, title, payload, maker, referral };
  return receive(scene, { type: 'receive', act });
}

function nextOwner(
  { page, thread, control }: Scene,
  act: Act,
  byEntry: AppId | null,
): { readonly app: AppId; readonly cause: Cause } | null {
  if (act.kind === 'feedback') return null;
  if (byEntry !== null) return { app: byEntry, cause: 'entry_point' };
  if (act.kind === 'postback' && isConnected(page, act.maker, thread.psid)) {
    return { app: act.maker, cause: act.tapped === 'menu' ? 'menu' : 'postback' };
  }
  if (control !== null) return null;
  const lead = leadFor(page, thread.psid);
  return lead === null ? null : { app: lead, cause: TRAITS[page.mode].leadCause };
}

function entryPointOf(page: Page, referral: Referral | null): EntryPoint | null {
  if (referral === null) return null;
  const key = referral.source === 'ADS' ? referral.adId : referral.ref;
  return page.entryPoints.find((each) => each.source === referral.source && each.key === key) ?? null;
}

/** [B3] A payload whose maker is not connected is nobody's to read. */
function readable({ page, thread }: Scene, act: Act): Act {
  if (act.kind !== 'postback' || isConnected(page, act.maker, thread.psid)) return act;
  return { ...act, payload: null };
}
