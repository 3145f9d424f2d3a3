/** [X] The people in the page's inbox. */

import type { Folder, InboxMove, InboxReply } from './command.ts';
import type { Event } from './event.ts';
import { settle } from './expire.ts';
import { TRAITS } from './modes.ts';
import { inboxOf, leadFor, type Page } from './page.ts';
import { changeTo, denied, type Outcome, type Scene } from './scene.ts';
import { isWindowOpen } from './send.ts';
import { ownerAt, type Thread } from './thread.ts';
import { type Instant, LONG_WINDOW_MS } from './time.ts';

/**
 * [X3, X4, H2] A reply takes control, unless the thread is marked *Done*: then control stays, and an idle thread goes
 * to the lead. Refused outside the window, it takes nothing.
 */
export function inboxReply(scene: Scene, command: InboxReply): Outcome {
  if (!isWindowOpen(scene, LONG_WINDOW_MS)) return { refused: 'outside_window' };
  const { page, thread, control } = scene;
  const inbox = inboxOf(page);
  const sent = (byOwner: boolean): Event => ({
    type: 'message_sent',
    app: inbox,
    message: command.message,
    persona: null,
    renews: byOwner && TRAITS[page.mode].ownerRenews,
  });
  if (control?.owner === inbox) return { events: [sent(true)] };
  if (!thread.done) {
    return { events: [changeTo(scene, inbox, { cause: 'inbox', actor: inbox }), sent(true)] };
  }
  const lead = leadFor(page, thread.psid);
  if (control !== null || lead === null) return { events: [sent(false)] };
  return { events: [sent(false), changeTo(scene, lead, { cause: 'inbox', actor: inbox })] };
}

/** [X2, X5, X7] *Main* takes control; *Done* and *General* give it up, if the inbox has it. */
export function inboxMove(scene: Scene, command: InboxMove): Outcome {
  const { page, thread, control } = scene;
  const inbox = inboxOf(page);
  const owned = control?.owner === inbox;
  const events: Event[] = [];
  if (command.folder === 'main') {
    if (owned) return { events };
    const refused = denied(scene, 'take', { caller: inbox, controlEpoch: null });
    if (refused !== null) return { refused };
    return { events: [changeTo(scene, inbox, { cause: 'inbox', actor: inbox })] };
  }
  if (owned) {
    const lead = leadFor(page, thread.psid);
    // [R10] Where the inbox itself stands in for the default app, the thread is idle.
    const next = lead === inbox ? null : lead;
    events.push(changeTo(scene, next, { cause: 'inbox', actor: inbox }));
  }
  const done = command.folder === 'done';
  if (thread.done !== done) events.push({ type: 'filed', done });
  return { events };
}

/** [X7] The folder in which the inbox shows the thread; what is due counts as done (I3). */
export function folderOf(page: Page, before: Thread, now: Instant): Folder {
  const { thread } = settle(page, { thread: before, events: [] }, now);
  const control = ownerAt(page, thread, now);
  if (control?.owner === inboxOf(page)) return 'main';
  if (thread.done) return 'done';
  const waits = control === null && leadFor(page, thread.psid) === null && thread.lastFrom === 'customer';
  return waits ? 'main' : 'general';
}
