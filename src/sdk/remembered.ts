/** A memory of bounded size: what was put first is forgotten first. */

/** What is remembered under each key. */
export type Remembered<Value> = {
  get(key: string): Value | undefined;
  put(key: string, value: Value): void;
};

/** @param max most values that are remembered */
export function createRemembered<Value>(max: number): Remembered<Value> {
  const values = new Map<string, Value>();
  return {
    get: (key) => values.get(key),
    put(key, value) {
      // Anew at the end: what is used stays.
      values.delete(key);
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > max && oldest !== undefined) values.delete(oldest);
    },
  };
}
