/** Listening to one thread for changes of control, so that nobody has to ask all the time. */

import type { EventSource, WebhookEvent } from './events.ts';
import { pause } from './pause.ts';

/** What is heard of one thread. */
export type Ear = {
  /** The highest epoch of the thread heard of so far; -1 when none was. */
  latestEpoch(): number;
  /** Waits until a higher epoch than this is heard of, or the time is over. Rejects with the reason of the signal. */
  wait(epoch: number, ms: number, signal?: AbortSignal): Promise<void>;
  close(): void;
};

/** @param source null: nothing is ever heard, and only time passes */
export function createEar(
  source: EventSource | null,
  thread: { readonly pageId: string; readonly psid: string } = { pageId: '', psid: '' },
): Ear {
  let latest = -1;
  let wake: () => void = () => undefined;

  function hear({ pageId, psid, controlEpoch }: WebhookEvent): void {
    if (pageId !== thread.pageId || psid !== thread.psid || controlEpoch === null) return;
    if (controlEpoch <= latest) return;
    latest = controlEpoch;
    wake();
  }

  const stop = source?.watch(hear);
  return {
    latestEpoch: () => latest,
    async wait(epoch, ms, signal) {
      signal?.throwIfAborted();
      if (latest > epoch) return;
      const woken = new AbortController();
      wake = () => {
        if (latest > epoch) woken.abort();
      };
      const either = signal === undefined ? woken.signal : AbortSignal.any([signal, woken.signal]);
      await pause(ms, either).catch(() => undefined);
      wake = () => undefined;
      signal?.throwIfAborted();
    },
    close: () => stop?.(),
  };
}
