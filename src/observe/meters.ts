/**
 * Counting on the hot path: a look into a map and an addition, some tens of nanoseconds. What is counted becomes text
 * only when somebody asks (exposition.ts).
 */

/** One line of a metric: labels and value. */
export type Sample = {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram: which of its lines. */
  readonly line?: 'bucket' | 'sum' | 'count';
};

/** Counts by one or two labels. */
export type Counter = {
  add(first: string, second: string): void;
  samples(): readonly Sample[];
};

export type Histogram = {
  observe(value: number): void;
  samples(): readonly Sample[];
};

/** Most values that one label can have; whatever comes beyond them is counted as `other`. */
export const MAX_LABEL_VALUES = 100;
export const OTHER = 'other';

type Cell = { count: number };

/** @param names of the labels; null: there is only one, and the second value is not looked at */
export function createCounter(names: readonly [string, string | null]): Counter {
  const cells = new Map<string, Map<string, Cell>>();
  const [one, other] = names;

  function rowOf(first: string): Map<string, Cell> {
    const name = cells.size < MAX_LABEL_VALUES ? first : OTHER;
    const known = cells.get(name);
    if (known !== undefined) return known;
    const created = new Map<string, Cell>();
    cells.set(name, created);
    return created;
  }

  function cellOf(row: Map<string, Cell>, second: string): Cell {
    const name = row.size < MAX_LABEL_VALUES ? second : OTHER;
    const known = row.get(name);
    if (known !== undefined) return known;
    const created = { count: 0 };
    row.set(name, created);
    return created;
  }

  return {
    add(first, second) {
      const row = cells.get(first) ?? rowOf(first);
      const cell = row.get(second) ?? cellOf(row, second);
      cell.count += 1;
    },
    samples: () =>
      [...cells].flatMap(([first, row]) =>
        [...row].map(([second, { count }]) => ({
          labels: other === null ? { [one]: first } : { [one]: first, [other]: second },
          value: count,
        })),
      ),
  };
}

/** @param bounds of its buckets, upwards; values above the last are counted too */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(value) {
      let index = 0;
      while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += value;
    },
    samples() {
      let below = 0;
      const buckets = [...counts].map((count, index): Sample => {
        below += count;
        const le = index < bounds.length ? String(bounds[index]) : '+Inf';
        return { labels: { le }, value: below, line: 'bucket' };
      });
      return [
        ...buckets,
        { labels: {}, value: sum, line: 'sum' },
        { labels: {}, value: below, line: 'count' },
      ];
    },
  };
}
