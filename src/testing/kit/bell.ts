/** Waiting until something is so: looked at anew whenever something has happened, never after a time. */

/** How long anything is waited for, in milliseconds, unless told otherwise. */
export const DEFAULT_TIMEOUT_MS = 5_000;

export type Bell = {
  /** Something has happened. */
  ring(): void;
  /**
   * The first thing found.
   * @param look null: not yet
   * @param complaint what the error says when the time is over
   */
  until<Found>(
    look: () => Found | null | Promise<Found | null>,
    complaint: () => string,
    timeoutMs?: number,
  ): Promise<Found>;
};

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  let rung = 0;

  /** Answers when the bell has been rung since, or at the deadline: false. */
  function rings(since: number, deadline: number): Promise<boolean> {
    if (rung !== since) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (isRung: boolean): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve(isRung);
      };
      const wake = (): void => end(true);
      const timer = setTimeout(() => end(false), Math.max(0, deadline - Date.now()));
      waiting.add(wake);
    });
  }

  return {
    ring() {
      rung += 1;
      for (const wake of [...waiting]) wake();
    },
    async until(look, complaint, timeoutMs = DEFAULT_TIMEOUT_MS) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const since = rung;
        const found = await look();
        if (found !== null) return found;
        // Also where it never ceases to ring: a bot that answers itself.
        if (Date.now() >= deadline || !(await rings(since, deadline))) throw new Error(complaint());
      }
    },
  };
}
