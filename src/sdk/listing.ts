/** Lists that are answered in parts, one after the other. */

import type { Caller, CallOptions, GraphCall } from './calls.ts';
import { type JsonObject, listOf, objectOf, textOf } from './json.ts';

/** A part of a list. */
export type Part<Item> = {
  readonly items: readonly Item[];
  /** Where the next part begins: for `after`. Null: this was the last one. */
  readonly after: string | null;
};

/** How a list is to be read. */
export type ListOptions = CallOptions & {
  /** How many items a part has, 1 to 100: 25 unless told otherwise. */
  readonly limit?: number | undefined;
  /** Where to begin: what a `Part` said. */
  readonly after?: string | undefined;
};

/**
 * A list. Nothing is called until it is read: `for await` over the items asks for one part after the other, as they are
 * needed, and `part()` for the first one alone. Every walk begins anew; a failed call ends it with a `BatonError`.
 */
export type Listing<Item> = AsyncIterable<Item> & { part(): Promise<Part<Item>> };

/** What is listed. */
export type Listed<Item> = Required<Pick<GraphCall, 'path' | 'query'>> & {
  readonly read: (node: JsonObject) => Item;
};

/** A list that is there to be read. */
export function listing<Item>(
  call: Caller,
  { path, query, read }: Listed<Item>,
  options: ListOptions = {},
): Listing<Item> {
  const { limit, after: start = null } = options;

  async function partAfter(after: string | null): Promise<Part<Item>> {
    const asked = {
      ...query,
      ...(limit !== undefined && { limit: String(limit) }),
      ...(after !== null && { after }),
    };
    const { data, paging } = await call({ method: 'GET', path, query: asked, repeat: 'safe' }, options);
    const items = listOf(data).map((node) => read(objectOf(node)));
    return { items, after: textOf(objectOf(objectOf(paging)['cursors'])['after']) };
  }

  return {
    part: () => partAfter(start),
    async *[Symbol.asyncIterator]() {
      for (let after = start; ; ) {
        const part = await partAfter(after);
        yield* part.items;
        // A server that says the same place again would be followed for ever.
        if (part.after === null || part.after === after) return;
        after = part.after;
      }
    },
  };
}
