/** Waiting that can be broken off. */

/** Waits; rejects with the signal's reason when that aborts first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', breakOff, { once: true });
    function end(): void {
      signal?.removeEventListener('abort', breakOff);
      resolve();
    }
    function breakOff(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
}
