/** JSON as it comes, and reading it without trusting its shape. */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

const NOTHING: JsonObject = {};

/** The value as an object; an empty one when it is none. */
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : NOTHING);

/** Whether a value is an object, and no list. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value as a list; an empty one when it is none. */
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** The value as text, or null. */
export const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

/** The value as a number, or null. */
export const numberOf = (value: Json | undefined): number | null =>
  typeof value === 'number' ? value : null;

/** An id as text, whether it came as text or number; null when it is neither. */
export const idOf = (value: Json | undefined): string | null =>
  typeof value === 'number' ? String(value) : textOf(value);

/** The value that a text stands for; undefined when it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
