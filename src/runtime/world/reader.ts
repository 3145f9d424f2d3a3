/** Reading JSON that a person wrote: every problem is collected and named by its JSON path. */

export type WorldProblem = {
  /** As in `$.apps[0].pages[1].id`. */
  readonly path: string;
  readonly message: string;
};

/** One JSON object, key by key; a key that nobody asked for is a problem. */
export type Reader = {
  readonly path: string;
  /** @param key a key of this object, or '' for the object itself */
  problem(key: string, message: string): void;
  has(key: string): boolean;
  text(key: string, fallback?: string): string;
  flag(key: string, fallback: boolean): boolean;
  integer(
    key: string,
    range: { readonly from: number; readonly to: number; readonly fallback: number },
  ): number;
  choice<Value extends string>(key: string, values: readonly Value[], fallback: Value | null): Value | null;
  /** @param parse gives null for a malformed id */
  id<Id extends string>(key: string, parse: (text: string) => Id | null): Id | null;
  texts(key: string): readonly string[];
  objects<Item>(key: string, read: (item: Reader) => Item): readonly Item[];
  object(key: string): Reader | null;
  /** To be called when everything has been asked for. */
  end(): void;
};

/** Longest text in a world file, in characters. */
export const MAX_WORLD_TEXT = 2_000;
/** Most items in one list of a world file. */
export const MAX_WORLD_ITEMS = 10_000;

export function readerOf(value: unknown, path: string, problems: WorldProblem[]): Reader | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({ path, message: `must be an object, not ${kindOf(value)}` });
    return null;
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const asked = new Set<string>();
  const at = (key: string): string => (key === '' ? path : `${path}.${key}`);
  const problem = (key: string, message: string): void => void problems.push({ path: at(key), message });
  const get = (key: string): unknown => {
    asked.add(key);
    return fields.get(key);
  };

  function list(key: string): readonly unknown[] {
    const found = get(key);
    if (found === undefined) return [];
    if (!Array.isArray(found)) problem(key, `must be a list, not ${kindOf(found)}`);
    else if (found.length > MAX_WORLD_ITEMS)
      problem(key, `holds ${found.length} items; the limit is ${MAX_WORLD_ITEMS}`);
    else return found;
    return [];
  }

  function textOf(found: unknown, key: string): string {
    if (typeof found !== 'string' || found === '') problem(key, `must be a text, not ${kindOf(found)}`);
    else if ([...found].length > MAX_WORLD_TEXT) problem(key, `is longer than ${MAX_WORLD_TEXT} characters`);
    else return found;
    return '';
  }

  return {
    path,
    problem,
    has: (key) => fields.has(key),
    text(key, fallback) {
      const found = get(key);
      return found === undefined && fallback !== undefined ? fallback : textOf(found, key);
    },
    flag(key, fallback) {
      const found = get(key) ?? fallback;
      if (typeof found === 'boolean') return found;
      problem(key, `must be true or false, not ${kindOf(found)}`);
      return fallback;
    },
    integer(key, { from, to, fallback }) {
      const found = get(key) ?? fallback;
      if (typeof found === 'number' && Number.isInteger(found) && found >= from && found <= to) return found;
      problem(key, `must be a whole number from ${from} to ${to}`);
      return fallback;
    },
    choice(key, values, fallback) {
      const found = get(key);
      if (found === undefined) return fallback;
      const value = values.find((each) => each === found);
      if (value === undefined) problem(key, `must be one of ${values.join(', ')}`);
      return value ?? fallback;
    },
    id(key, parse) {
      const found = get(key);
      const id = typeof found === 'string' ? parse(found) : null;
      if (id === null) problem(key, 'must be an id: a text of 1 to 32 digits');
      return id;
    },
    texts: (key) => list(key).map((item, index) => textOf(item, `${key}[${index}]`)),
    objects(key, read) {
      return list(key).flatMap((item, index) => {
        const reader = readerOf(item, `${at(key)}[${index}]`, problems);
        if (reader === null) return [];
        const value = read(reader);
        reader.end();
        return [value];
      });
    },
    object(key) {
      const found = get(key);
      return found === undefined ? null : readerOf(found, at(key), problems);
    },
    end() {
      for (const key of fields.keys()) if (!asked.has(key)) problem(key, 'is not a key of this object');
    },
  };
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value === '' ? 'an empty text' : `a ${typeof value}`;
}
