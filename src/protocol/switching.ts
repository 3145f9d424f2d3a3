/** [R9, R12] What a page's other mode would change: of its apps, and of one of its threads. Nothing is switched here. */

import type { AppId } from './ids.ts';
import type { Mode } from './modes.ts';
import { connectionOf, isConnected, leadFor, type Page } from './page.ts';
import { allowedCalls, type CallName, standingOf } from './permissions.ts';
import { nameOf } from './scene.ts';
import { openRequests, ownerAt, type Thread } from './thread.ts';
import type { Instant } from './time.ts';

/** The page as it would be in this mode. */
export const inMode = (page: Page, mode: Mode, at: Instant): Page =>
  page.mode === mode
    ? page
    : { ...page, mode, switches: { number: page.switches.number + 1, at }, version: page.version + 1 };

/** The calls that an app could make no more, and those that it could make besides. */
export type CallsChanged = {
  readonly app: AppId;
  readonly name: string;
  readonly loses: readonly CallName[];
  readonly gains: readonly CallName[];
};

/** What a thread's apps would notice. */
export type ThreadChanged = {
  readonly owner: AppId | null;
  /** Whose open requests are dropped (R12). */
  readonly dropped: readonly AppId[];
  /** Who answers first, where another will: before and after. */
  readonly lead: { readonly before: AppId | null; readonly after: AppId | null } | null;
  readonly calls: readonly CallsChanged[];
};

/** What would be otherwise for this thread at this instant; null when nothing would. */
export function threadChanged(page: Page, to: Mode, thread: Thread, now: Instant): ThreadChanged | null {
  const after = inMode(page, to, now);
  if (after === page) return null;
  const owner = ownerAt(page, thread, now)?.owner ?? null;
  const [leadBefore, leadAfter] = [leadFor(page, thread.psid), leadFor(after, thread.psid)];
  const dropped = openRequests(page, thread, now).map(({ app }) => app);
  const calls = page.connections
    .filter(({ app }) => isConnected(page, app, thread.psid))
    .flatMap(({ app }) => callsChanged(page, after, { thread, owner, app }));
  const lead = leadBefore === leadAfter ? null : { before: leadBefore, after: leadAfter };
  if (dropped.length === 0 && lead === null && calls.length === 0) return null;
  return { owner, dropped, lead, calls };
}

function callsChanged(
  before: Page,
  after: Page,
  { thread, owner, app }: { readonly thread: Thread; readonly owner: AppId | null; readonly app: AppId },
): readonly CallsChanged[] {
  const [open, later] = [before, after].map((page) => {
    const standing = standingOf(page, thread.psid, owner, app);
    return allowedCalls(page.mode, standing, owner !== null, connectionOf(page, app));
  });
  const loses = (open ?? []).filter((call) => later?.includes(call) !== true);
  const gains = (later ?? []).filter((call) => open?.includes(call) !== true);
  return loses.length + gains.length === 0 ? [] : [{ app, name: nameOf(before, app), loses, gains }];
}
