/**
 * One timer for any number of waits that last equally long. They end in the order in which they began, so only the
 * first one needs a timer; one that is over early costs nothing more.
 */

/** A wait that has begun; ends it without a call. */
export type Deadline = { clear(): void };

export type Deadlines = {
  /** @param passed called once, when the time is over */
  begin(passed: () => void): Deadline;
};

/** @param lengthMs how long each wait lasts, in machine time */
export function createDeadlines(lengthMs: number): Deadlines {
  /** In the order in which they end. */
  const waits = new Set<{ readonly endsAt: number; readonly passed: () => void }>();
  let timer: NodeJS.Timeout | null = null;

  function look(): void {
    timer = null;
    const now = performance.now();
    for (const wait of waits) {
      if (wait.endsAt > now) {
        timer = setTimeout(look, Math.ceil(wait.endsAt - now)).unref();
        return;
      }
      waits.delete(wait);
      wait.passed();
    }
  }

  return {
    begin(passed) {
      const wait = { endsAt: performance.now() + lengthMs, passed };
      waits.add(wait);
      if (timer === null) timer = setTimeout(look, lengthMs).unref();
      return { clear: () => waits.delete(wait) };
    },
  };
}
