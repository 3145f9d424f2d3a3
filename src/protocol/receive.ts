/** [C15] What the customer does, and where it takes control. */

import type { Receive } from './command.ts';
import type { Cause, Event } from './event.ts';
import type { AppId } from './ids.ts';
import type { Act, Referral } from './message.ts';
import { type EntryPoint, isConnected, type Page, primaryFor } from './page.ts';
import { changeTo, type Outcome, type Scene } from './scene.ts';

/** [C15, P3, B1, B3, E1] Control goes where the act takes it, then the act itself is told. Never refused. */
export function receive(scene: Scene, command: Receive): Outcome {
  const { page, thread, control } = scene;
  const act = command.act;
  const entry = entryPointOf(page, act.referral);
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

function nextOwner(
  { page, thread, control }: Scene,
  act: Act,
  byEntry: AppId | null,
): { readonly app: AppId; readonly cause: Cause } | null {
  if (byEntry !== null) return { app: byEntry, cause: 'entry_point' };
  if (act.kind === 'postback' && isConnected(page, act.maker, thread.psid)) {
    return { app: act.maker, cause: 'postback' };
  }
  if (control !== null) return null;
  const primary = primaryFor(page, thread.psid);
  return primary === null ? null : { app: primary, cause: 'primary_receiver' };
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
