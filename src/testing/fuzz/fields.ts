/** Changes of what a call says: of any value in it, however deep. */

import type { Json } from '../../protocol/message.ts';
import type { Fields } from './call.ts';
import type { FieldChange } from './recipe.ts';

/** Longest list or text that repeating makes, in items or characters. */
const MAX_REPEATED = 5_000;

/** What `double key` leaves in the text, for `encode.ts` to make two keys of. */
export const DOUBLE = '\u0001double:';

export const changeFields = (fields: Fields, changes: readonly FieldChange[]): Fields =>
  changes.reduce<Fields>((changed, change) => {
    const next = changeAt(changed, change.at % (countIn(changed) + 1), change);
    return isObject(next) ? next : changed;
  }, fields);

const isObject = (value: Json): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How many values there are below this one. */
function countIn(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, inner) => sum + 1 + countIn(inner), 0);
}

/** Changes the value with a number, counted from the outside and from the left; 0 is this one itself. */
function changeAt(value: Json, index: number, change: FieldChange): Json {
  if (index === 0) return change.how === 'add' ? added(value, change) : value;
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, Json][] = [];
  let left = index - 1;
  for (const [key, inner] of Object.entries(value)) {
    const size = countIn(inner);
    if (left === 0 && change.how !== 'add') entries.push(...changed(key, inner, change));
    else entries.push([key, left >= 0 && left <= size ? changeAt(inner, left, change) : inner]);
    left -= size + 1;
  }
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function added(value: Json, { name, value: more }: FieldChange): Json {
  if (Array.isArray(value)) return [...value, more];
  return isObject(value) ? Object.fromEntries([...Object.entries(value), [name, more]]) : value;
}

function changed(key: string, value: Json, { how, value: other }: FieldChange): readonly [string, Json][] {
  switch (how) {
    case 'drop':
      return [];
    case 'replace':
    case 'add':
      return [[key, other]];
    case 'wrap':
      return [[key, [value]]];
    case 'as text':
      return [[key, JSON.stringify(value)]];
    case 'as number':
      return [[key, typeof value === 'object' ? null : Number(value)]];
    case 'repeat':
      return [[key, repeated(value)]];
    case 'double key':
      return [
        [key, value],
        [DOUBLE + key, other],
      ];
  }
}

function repeated(value: Json): Json {
  if (typeof value === 'string') return value.repeat(Math.ceil(MAX_REPEATED / (value.length + 1)));
  const items = Array.isArray(value) ? value : [value];
  return Array.from({ length: 60 }, () => items)
    .flat()
    .slice(0, MAX_REPEATED);
}
