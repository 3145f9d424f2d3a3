/** Lists in parts: `limit`, `after`, and paging that ends (CLIENTS 1.11). */

import type { JsonObject } from '../protocol/message.ts';
import { idText, isAbsent } from './checks.ts';
import { MAX_PAGE_ITEMS } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { failed, type Read, read } from './problem.ts';

const USUAL_ITEMS = MAX_PAGE_ITEMS / 4;

/** Which part of a list is asked for. */
export type Part = {
  readonly limit: number;
  /** What stood behind the last item of the part before; null: from the beginning. */
  readonly after: string | null;
};

/** Reads `limit` and `after`; a limit that is too high is brought down. @param usual how many without a limit */
export function readPart(parameters: Parameters, usual = USUAL_ITEMS): Read<Part> {
  const given = parameters.value('limit');
  const text = isAbsent(given) ? String(usual) : (idText(given) ?? '');
  if (!/^[0-9]{1,9}$/.test(text) || Number(text) === 0) {
    return failed('limit', 'must be a whole number, 1 or more');
  }
  const limit = isAbsent(given) ? usual : limited(Number(text));
  const cursor = parameters.value('after');
  if (isAbsent(cursor) || cursor === '') return read({ limit, after: null });
  const after = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  return /^[0-9]{1,32}$/.test(after)
    ? read({ limit, after })
    : failed('after', 'is not a cursor of this list');
}

/** What is given of a list when so many of its items are asked for. */
export const limited = (asked: number | null): number =>
  Math.min(Math.max(asked ?? USUAL_ITEMS, 1), MAX_PAGE_ITEMS);

const cursorOf = (place: string): string => Buffer.from(place, 'latin1').toString('base64url');

/**
 * A part of a list. Only where there is more does it say how to go on, so that whoever follows comes to an end.
 * @param options.place what stands behind an item: digits; `url` is that of the list
 */
export function renderList<Item>(
  items: readonly Item[],
  options: {
    readonly limit: number;
    readonly place: (item: Item) => string;
    readonly render: (item: Item) => JsonObject;
    readonly url: string;
  },
): JsonObject {
  const { limit, place, render, url } = options;
  const shown = items.slice(0, limit);
  const data = shown.map(render);
  const [first, last] = [shown[0], shown.at(-1)];
  if (items.length <= limit || first === undefined || last === undefined) return { data };
  const [before, after] = [cursorOf(place(first)), cursorOf(place(last))];
  return {
    data,
    paging: {
      cursors: { before, after },
      next: `${url}${url.includes('?') ? '&' : '?'}limit=${limit}&after=${after}`,
    },
  };
}
