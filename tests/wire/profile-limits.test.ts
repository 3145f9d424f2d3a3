/** Each limit of a profile, reached and exceeded. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/protocol/message.ts';
import {
  MAX_COMMAND_DESCRIPTION,
  MAX_COMMAND_NAME,
  MAX_COMMANDS,
  MAX_CUSTOMER_MENU_BYTES,
  MAX_DOMAINS,
  MAX_GREETING,
  MAX_ICE_BREAKER_QUESTION,
  MAX_ICE_BREAKERS,
  MAX_LOCALES,
  MAX_MENU_BYTES,
  MAX_MENU_DEPTH,
  MAX_MENU_ITEMS,
  MAX_MENU_TITLE,
  MAX_PAYLOAD,
} from '../../src/wire/limits.ts';
import { parseProfile } from '../../src/wire/profile.ts';
import { parseSetMenu } from '../../src/wire/profile-of-customer.ts';
import { CALLER, jsonCall, problemIn } from './calls.ts';

/** Characters that a count of UTF-16 units would count twice. */
const text = (length: number): string => '😀'.repeat(length);
const times = (count: number, item: (index: number) => Json): Json =>
  Array.from({ length: count }, (_, index) => item(index));

const faq = { type: 'postback', title: 'FAQ', payload: 'FAQ' };
const menuOf = (items: Json): JsonObject => ({
  persistent_menu: [{ locale: 'default', call_to_actions: items }],
});
const FIRST = 'persistent_menu[0][call_to_actions][0]';

/** The limit is taken, and one more is refused by its parameter. */
function isLimit(max: number, bodyOf: (count: number) => JsonObject, parameter: string): void {
  const reached = parseProfile(jsonCall(bodyOf(max)));
  assert.ok(reached.ok, reached.ok ? '' : reached.problem.message);
  problemIn(parseProfile(jsonCall(bodyOf(max + 1))), parameter);
}

test('[limit MAX_GREETING] a greeting has at most 160 characters', () => {
  assert.equal(MAX_GREETING, 160);
  isLimit(
    MAX_GREETING,
    (length) => ({ greeting: [{ locale: 'default', text: text(length) }] }),
    'greeting[0][text]',
  );
});

test('[limit MAX_ICE_BREAKERS] a page has at most 4 ice breakers, in either form', () => {
  assert.equal(MAX_ICE_BREAKERS, 4);
  const questions = (count: number) =>
    times(count, (index) => ({ question: `Question ${index}`, payload: 'Q' }));
  isLimit(MAX_ICE_BREAKERS, (count) => ({ ice_breakers: questions(count) }), 'ice_breakers');
  isLimit(
    MAX_ICE_BREAKERS,
    (count) => ({ ice_breakers: [{ locale: 'default', call_to_actions: questions(count) }] }),
    'ice_breakers[0][call_to_actions]',
  );
});

test('[limit MAX_ICE_BREAKER_QUESTION] a question has a length', () => {
  isLimit(
    MAX_ICE_BREAKER_QUESTION,
    (length) => ({ ice_breakers: [{ question: text(length), payload: 'Q' }] }),
    'ice_breakers[0][question]',
  );
});

test('[limit MAX_MENU_ITEMS] a menu has at most 20 items on each level', () => {
  assert.equal(MAX_MENU_ITEMS, 20);
  isLimit(MAX_MENU_ITEMS, (count) => menuOf(times(count, () => faq)), 'persistent_menu[0][call_to_actions]');
  isLimit(
    MAX_MENU_ITEMS,
    (count) => menuOf([{ type: 'nested', title: 'More', call_to_actions: times(count, () => faq) }]),
    `${FIRST}[call_to_actions]`,
  );
});

test('[limit MAX_MENU_TITLE] the title of an item has at most 30 characters, on the page and for one customer', () => {
  assert.equal(MAX_MENU_TITLE, 30);
  isLimit(MAX_MENU_TITLE, (length) => menuOf([{ ...faq, title: text(length) }]), `${FIRST}[title]`);
  const fourth = menuOf([faq, faq, faq, { ...faq, title: text(MAX_MENU_TITLE + 1) }]);
  problemIn(parseProfile(jsonCall(fourth)), 'persistent_menu[0][call_to_actions][3][title]');
  const forOne = (length: number) =>
    parseSetMenu(jsonCall({ psid: '5001', ...menuOf([{ ...faq, title: text(length) }]) }), CALLER);
  assert.ok(forOne(MAX_MENU_TITLE).ok);
  problemIn(forOne(MAX_MENU_TITLE + 1), `${FIRST}[title]`);
});

test('[limit MAX_PAYLOAD] a payload of the profile has at most 1000 characters', () => {
  assert.equal(MAX_PAYLOAD, 1000);
  isLimit(MAX_PAYLOAD, (length) => menuOf([{ ...faq, payload: text(length) }]), `${FIRST}[payload]`);
  isLimit(MAX_PAYLOAD, (length) => ({ get_started: { payload: text(length) } }), 'get_started[payload]');
  isLimit(
    MAX_PAYLOAD,
    (length) => ({ ice_breakers: [{ question: 'Where?', payload: text(length) }] }),
    'ice_breakers[0][payload]',
  );
});

test('[limit MAX_MENU_DEPTH] a menu has at most three levels', () => {
  assert.equal(MAX_MENU_DEPTH, 3);
  const deep = (levels: number): JsonObject =>
    levels === 1 ? faq : { type: 'nested', title: 'More', call_to_actions: [deep(levels - 1)] };
  isLimit(
    MAX_MENU_DEPTH,
    (levels) => menuOf([deep(levels)]),
    `${FIRST}[call_to_actions][0][call_to_actions][0][type]`,
  );
});

/** A menu with locales beside the default one, of so many bytes as JSON. */
function menuOfBytes(bytes: number): JsonObject {
  const item = (length: number) => ({ type: 'postback', title: 'FAQ', payload: 'x'.repeat(length) });
  const entry = (locale: string, lengths: readonly number[]) => ({
    locale,
    call_to_actions: lengths.map(item),
  });
  const menu = [entry('default', [1])];
  const left = (): number => bytes - JSON.stringify(menu).length;
  const locale = (): string => `aa_${String(menu.length).padStart(3, '0')}`;
  while (left() > 30_000)
    menu.push(
      entry(
        locale(),
        Array.from({ length: MAX_MENU_ITEMS }, () => MAX_PAYLOAD),
      ),
    );
  while (left() > 2_200) menu.push(entry(locale(), [MAX_PAYLOAD]));
  const short = { ...entry(locale(), [1, 1]) };
  menu.push(short);
  const rest = left();
  short.call_to_actions = [item(1 + Math.floor(rest / 2)), item(1 + Math.ceil(rest / 2))];
  assert.equal(JSON.stringify(menu).length, bytes);
  return { persistent_menu: menu };
}

test('[limit MAX_MENU_BYTES] the menu of a page has a size, all locales together', () => {
  isLimit(MAX_MENU_BYTES, menuOfBytes, 'persistent_menu');
});

test('[limit MAX_CUSTOMER_MENU_BYTES] the menu of a customer has a size, and a full one of a locale fits', () => {
  const set = (menu: JsonObject) => parseSetMenu(jsonCall({ psid: '5001', ...menu }), CALLER);
  const item = { type: 'postback', title: 'x'.repeat(MAX_MENU_TITLE), payload: 'x'.repeat(MAX_PAYLOAD) };
  assert.ok(set(menuOf(times(MAX_MENU_ITEMS, () => item))).ok);
  assert.ok(set(menuOfBytes(MAX_CUSTOMER_MENU_BYTES)).ok);
  problemIn(set(menuOfBytes(MAX_CUSTOMER_MENU_BYTES + 1)), 'persistent_menu');
});

const command = { name: 'book', description: 'Book a table' };
const commandsOf = (commands: Json): JsonObject => ({ commands: [{ locale: 'default', commands }] });

test('[limit MAX_COMMANDS] a page has at most 100 commands', () => {
  assert.equal(MAX_COMMANDS, 100);
  isLimit(MAX_COMMANDS, (count) => commandsOf(times(count, () => command)), 'commands[0][commands]');
});

test('[limit MAX_COMMAND_NAME] the name of a command has at most 32 characters', () => {
  assert.equal(MAX_COMMAND_NAME, 32);
  const path = 'commands[0][commands][0][name]';
  isLimit(MAX_COMMAND_NAME, (length) => commandsOf([{ ...command, name: text(length) }]), path);
});

test('[limit MAX_COMMAND_DESCRIPTION] the description of a command has at most 64 characters', () => {
  assert.equal(MAX_COMMAND_DESCRIPTION, 64);
  const path = 'commands[0][commands][0][description]';
  isLimit(MAX_COMMAND_DESCRIPTION, (length) => commandsOf([{ ...command, description: text(length) }]), path);
});

test('[limit MAX_DOMAINS] an app whitelists at most 50 domains', () => {
  assert.equal(MAX_DOMAINS, 50);
  const domains = (count: number) => times(count, (index) => `https://d${index}.example`);
  isLimit(MAX_DOMAINS, (count) => ({ whitelisted_domains: domains(count) }), 'whitelisted_domains');
});

test('[limit MAX_LOCALES] a part is given in so many locales and no more', () => {
  const locale = (index: number): string => {
    const letter = (value: number): string => String.fromCharCode(97 + (value % 26));
    return `${letter(index)}${letter(Math.floor(index / 26))}_XX`;
  };
  isLimit(
    MAX_LOCALES,
    (count) => ({ greeting: times(count, (index) => ({ locale: locale(index), text: 'Hi' })) }),
    'greeting',
  );
});
