/** Lengths of time as people write them. */

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const PART = /(\d+)\s*(ms|s|m|h|d)/y;

/**
 * Milliseconds.
 * @param duration as in `25h`, `1d 30m`, `90 s`, `5ms`; or milliseconds
 * @throws TypeError when it is nothing of the kind
 */
export function durationMs(duration: string | number): number {
  if (typeof duration === 'number') return duration;
  const text = duration.trim();
  let sumMs = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const [part, amount, unit = ''] = PART.exec(text) ?? [];
    if (part === undefined)
      throw new TypeError(`${JSON.stringify(duration)} is no duration such as 25h or 1d 30m`);
    sumMs += Number(amount) * (UNITS_MS[unit] ?? 0);
    at += part.length;
    while (text[at] === ' ') at += 1;
  }
  if (text === '') throw new TypeError('an empty text is no duration');
  return sumMs;
}
