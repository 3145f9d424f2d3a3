/** The rows of one kind in the configuration. */
export type ConfigTable<Value> = {
  /** Writes a row; one that stands under the same key is replaced in its place. */
  put(value: Value): void;
  /** Takes a row out if it is there. @param key as `keyOf` makes it */
  remove(key: string): void;
  /** In the order in which they were first written. */
  all(): readonly Value[];
};

/** The two ids of a key such as `page/app`. */
export function splitKey(key: string): readonly [string, string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}
