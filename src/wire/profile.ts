/** `messenger_profile`: what customers see of a page beside messages. Each call is read whole, or refused whole. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { PROFILE_PARTS } from '../protocol/page.ts';
import { checkUrl, isAbsent } from './checks.ts';
import { readEnum, readList } from './fields.ts';
import { MAX_DOMAINS, MAX_MENU_BYTES } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { fail, failed, type Read, read, readChecked } from './problem.ts';
import { readMenu } from './profile-menu.ts';
import { readCommands, readGetStarted, readGreeting, readIceBreakers } from './profile-parts.ts';

/** Everything that a profile has, in the order in which it is answered. */
export const PARTS = [...PROFILE_PARTS, 'whitelisted_domains', 'account_linking_url'] as const;
export type Part = (typeof PARTS)[number];

/** A part and what it is to be, in Graph's shape. */
export type PartValue = { readonly part: Part; readonly value: Json };

/** Parts that Meta's profile has or had and that say nothing here: they are never set, and may be asked for. */
const FOREIGN_PARTS: ReadonlySet<string> = new Set(
  `payment_settings target_audience home_url title description platform subject_to_new_eu_privacy_rules`.split(
    ' ',
  ),
);
const PLATFORMS = ['messenger', 'instagram'] as const;

/** What a call wants to set: one part at least. Parameters that are no parts are ignored. */
export function parseProfile(parameters: Parameters): Read<readonly PartValue[]> {
  const platform = readPlatform(parameters);
  if (!platform.ok) return platform;
  const wanted: PartValue[] = [];
  for (const part of PARTS) {
    if (isAbsent(parameters.value(part))) continue;
    const value = readPart(parameters, part);
    if (!value.ok) return value;
    wanted.push({ part, value: value.value });
  }
  return wanted.length > 0 ? read(wanted) : failed('messenger_profile', `needs one of ${PARTS.join(', ')}`);
}

/** The parts that a call names in `fields`, in any case; null when it names none. */
export function readParts(parameters: Parameters, key = 'fields'): Read<readonly Part[] | null> {
  const platform = readPlatform(parameters);
  if (!platform.ok) return platform;
  const fields = readList(parameters, key);
  if (!fields.ok || fields.value === null) return fields.ok ? read(null) : fields;
  const parts: Part[] = [];
  for (const field of fields.value) {
    const name = field.toLowerCase();
    const part = PARTS.find((each) => each === name);
    if (part !== undefined) parts.push(part);
    else if (!FOREIGN_PARTS.has(name)) {
      return failed('fields', `holds ${JSON.stringify(field)}, which is not a part of a profile`);
    }
  }
  return read(parts);
}

/** The parts that a call wants to delete. One client (fbmessenger) calls the list `payload`. */
export function parseDeletion(parameters: Parameters): Read<readonly Part[]> {
  const key = parameters.has('payload') && !parameters.has('fields') ? 'payload' : 'fields';
  const parts = readParts(parameters, key);
  if (!parts.ok) return parts;
  const named = readList(parameters, key);
  if (parts.value === null || !named.ok) return failed('fields', 'is required');
  return named.value?.length === 0 ? failed('fields', 'must not be empty') : read(parts.value);
}

/** `{"data":[{…}]}`, and `{"data":[]}` when there is nothing to show. */
export function renderProfile(parts: readonly PartValue[]): JsonObject {
  const byName = new Map(parts.map(({ part, value }) => [part, value]));
  const shown = PARTS.flatMap((part) => {
    const value = byName.get(part);
    return value === undefined ? [] : [[part, value] as const];
  });
  return { data: shown.length === 0 ? [] : [Object.fromEntries(shown)] };
}

/** Of every call that changes a profile or the menu of a customer. */
export const renderResult = (): JsonObject => ({ result: 'success' });

/** Which of the two is meant is known from the page; the word is checked and otherwise ignored. */
const readPlatform = (parameters: Parameters) => readEnum(parameters, 'platform', PLATFORMS);

function readPart(parameters: Parameters, part: Part): Read<Json> {
  if (part === 'whitelisted_domains') return readDomains(parameters, part);
  const value = parameters.structured(part);
  if (!value.ok) return value;
  switch (part) {
    case 'get_started':
      return readGetStarted(value.value, part);
    case 'persistent_menu':
      return readMenu(value.value, part, MAX_MENU_BYTES);
    case 'ice_breakers':
      return readIceBreakers(value.value, part);
    case 'greeting':
      return readGreeting(value.value, part);
    case 'commands':
      return readCommands(value.value, part);
    case 'account_linking_url':
      return readChecked(value.value ?? null, checkUrl(value.value, part));
  }
}

function readDomains(parameters: Parameters, name: string): Read<readonly string[]> {
  const domains = readList(parameters, name);
  if (!domains.ok) return domains;
  const list = domains.value ?? [];
  if (list.length === 0 || list.length > MAX_DOMAINS) {
    return failed(name, `must have 1 to ${MAX_DOMAINS} items`);
  }
  for (const [index, domain] of list.entries()) {
    const problem = checkUrl(domain, `${name}[${index}]`);
    if (problem !== null) return fail(problem);
  }
  return read([...new Set(list)]);
}
