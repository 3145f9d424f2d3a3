/** `messenger_profile` and `custom_user_settings`: every form in which their parts are sent, and what is refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/protocol/message.ts';
import type { Parameters } from '../../src/wire/parameters.ts';
import {
  PARTS,
  type Part,
  parseDeletion,
  parseProfile,
  readParts,
  renderProfile,
} from '../../src/wire/profile.ts';
import { parseDeleteMenu, parseSetMenu, renderMenus } from '../../src/wire/profile-of-customer.ts';
import { CALLER, formCall, jsonCall, parametersOf, problemIn } from './calls.ts';

const faq = { type: 'postback', title: 'FAQ', payload: 'FAQ' };
const shop = { type: 'web_url', title: 'Shop', url: 'https://shop.example', webview_height_ratio: 'full' };
const menuOf = (...items: readonly Json[]): JsonObject[] => [{ locale: 'default', call_to_actions: items }];
const menu = menuOf(faq, shop);

/** What a call that is well-formed wants to set. */
function wanted(parameters: Parameters): Readonly<Partial<Record<Part, Json>>> {
  const parsed = parseProfile(parameters);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem.message);
  return Object.fromEntries(parsed.value.map(({ part, value }) => [part, value]));
}

const everything: Readonly<Record<Part, Json>> = {
  get_started: { payload: 'START' },
  persistent_menu: [
    { locale: 'default', composer_input_disabled: true, call_to_actions: [faq, shop], disabled_surfaces: [] },
    { locale: 'zh_CN', composer_input_disabled: false },
  ],
  ice_breakers: [{ question: 'Where are you?', payload: 'WHERE' }],
  greeting: [
    { locale: 'default', text: 'Hello, {{user_first_name}}!' },
    { locale: 'es_LA', text: '¡Hola!' },
  ],
  commands: [{ locale: 'default', commands: [{ name: 'book', description: 'Book a table' }] }],
  whitelisted_domains: ['https://shop.example', 'http://old.example/path'],
  account_linking_url: 'https://shop.example/login',
};

test('every part, as it is given, in one call', () => {
  const given = {
    ...everything,
    platform: 'INSTAGRAM',
    access_token: 'T',
    home_url: { url: 'https://a.example' },
  };
  assert.deepEqual(wanted(jsonCall(given)), everything);
  for (const part of PARTS)
    assert.deepEqual(wanted(jsonCall({ [part]: everything[part] })), { [part]: everything[part] });
});

test('the same in a form and in the query, with JSON values, lax ones and brackets', () => {
  const text = `persistent_menu=${encodeURIComponent(JSON.stringify(menu))}&get_started={"payload":"START"}`;
  const both = { get_started: { payload: 'START' }, persistent_menu: menu };
  assert.deepEqual(wanted(formCall(text)), both);
  assert.deepEqual(wanted(parametersOf({ query: text })), both);
  const lax =
    "get_started={payload:START}&persistent_menu=[{locale:default,call_to_actions:[{type:'postback',title:'FAQ',payload:'FAQ'}]}]";
  assert.deepEqual(wanted(parametersOf({ query: lax })), { ...both, persistent_menu: menuOf(faq) });
  const item = 'persistent_menu[0][call_to_actions][0]';
  const brackets = `get_started[payload]=START&persistent_menu[0][locale]=default&persistent_menu[0][composer_input_disabled]=true&${item}[type]=postback&${item}[title]=FAQ&${item}[payload]=FAQ`;
  assert.deepEqual(wanted(formCall(brackets)), {
    ...both,
    persistent_menu: [{ locale: 'default', composer_input_disabled: true, call_to_actions: [faq] }],
  });
  for (const domains of [
    'whitelisted_domains=["https://a.example","https://b.example"]',
    'whitelisted_domains=https://a.example, https://b.example',
    'whitelisted_domains[]=https://a.example&whitelisted_domains[]=https://b.example',
    'whitelisted_domains=https://a.example&whitelisted_domains=https://b.example',
    "whitelisted_domains=['https://a.example','https://b.example','https://a.example']",
  ]) {
    assert.deepEqual(wanted(formCall(domains)), {
      whitelisted_domains: ['https://a.example', 'https://b.example'],
    });
  }
});

test('ice breakers and commands in both forms, with and without locales', () => {
  const questions = [
    { question: 'Where?', payload: 'WHERE' },
    { question: 'When?', payload: 'WHEN' },
  ];
  for (const value of [
    questions,
    [{ locale: 'default', call_to_actions: questions }],
    [{ call_to_actions: questions }, { locale: 'de_DE', call_to_actions: questions }],
  ]) {
    assert.deepEqual(wanted(jsonCall({ ice_breakers: value })), { ice_breakers: value });
  }
  const commands = [{ name: 'book', description: 'Book a table' }];
  for (const value of [commands, [{ locale: 'default', commands }]]) {
    assert.deepEqual(wanted(jsonCall({ commands: value })), { commands: value });
  }
});

test('[M5] menus in menus, three levels deep; types in any case, numbers as payloads', () => {
  const nested = (title: string, ...items: readonly Json[]): JsonObject => ({
    type: 'nested',
    title,
    call_to_actions: items,
  });
  const deep = menuOf(nested('More', faq, nested('Even more', faq, shop)), shop);
  assert.deepEqual(wanted(jsonCall({ persistent_menu: deep })), { persistent_menu: deep });
  const loud = menuOf({ ...faq, type: 'POSTBACK', payload: 7 }, { ...shop, messenger_extensions: 'true' });
  assert.deepEqual(wanted(jsonCall({ persistent_menu: loud })), {
    persistent_menu: menuOf({ ...faq, payload: '7' }, { ...shop, messenger_extensions: true }),
  });
});

const text160 = 'x'.repeat(161);
const question = { question: 'Where?', payload: 'WHERE' };
const command = { name: 'book', description: 'Book a table' };
const item = (value: Json): JsonObject => ({ persistent_menu: menuOf(faq, value) });
const SECOND = 'persistent_menu[0][call_to_actions][1]';

const BAD: readonly (readonly [JsonObject, string])[] = [
  [{}, 'messenger_profile'],
  [{ get_started: null, home_url: 'https://a.example' }, 'messenger_profile'],
  [{ platform: 'telegram', get_started: { payload: 'S' } }, 'platform'],
  [{ get_started: 'START' }, 'get_started'],
  [{ get_started: [] }, 'get_started'],
  [{ get_started: '{"payload":' }, 'get_started'],
  [{ get_started: {} }, 'get_started[payload]'],
  [{ get_started: { payload: '' } }, 'get_started[payload]'],
  [{ get_started: { payload: {} } }, 'get_started[payload]'],
  [{ greeting: 'Hello' }, 'greeting'],
  [{ greeting: [] }, 'greeting'],
  [{ greeting: ['Hello'] }, 'greeting[0]'],
  [{ greeting: [{ locale: 'default' }] }, 'greeting[0][text]'],
  [{ greeting: [{ locale: 'default', text: '' }] }, 'greeting[0][text]'],
  [{ greeting: [{ locale: 'default', text: text160 }] }, 'greeting[0][text]'],
  [{ greeting: [{ locale: 'everywhere', text: 'Hi' }] }, 'greeting[0][locale]'],
  [{ greeting: [{ locale: 5, text: 'Hi' }] }, 'greeting[0][locale]'],
  [
    {
      greeting: [
        { locale: 'en_US', text: 'Hi' },
        { locale: 'en_US', text: 'Ho' },
      ],
    },
    'greeting[1][locale]',
  ],
  [{ ice_breakers: {} }, 'ice_breakers'],
  [{ ice_breakers: [] }, 'ice_breakers'],
  [{ ice_breakers: ['Where?'] }, 'ice_breakers[0]'],
  [{ ice_breakers: [{ payload: 'WHERE' }] }, 'ice_breakers[0][question]'],
  [{ ice_breakers: [question, { question: 'Where?' }] }, 'ice_breakers[1][payload]'],
  [{ ice_breakers: [{ locale: 'default', call_to_actions: [] }] }, 'ice_breakers[0][call_to_actions]'],
  [
    { ice_breakers: [{ locale: 'default', call_to_actions: [question, {}] }] },
    'ice_breakers[0][call_to_actions][1][question]',
  ],
  [
    { ice_breakers: [{ locale: 'default', call_to_actions: [question] }, question] },
    'ice_breakers[1][locale]',
  ],
  [{ persistent_menu: 'FAQ' }, 'persistent_menu'],
  [{ persistent_menu: {} }, 'persistent_menu'],
  [{ persistent_menu: [] }, 'persistent_menu'],
  [{ persistent_menu: [7] }, 'persistent_menu[0]'],
  [{ persistent_menu: [faq] }, 'persistent_menu[0][locale]'],
  [{ persistent_menu: [{ ...menu[0], locale: 'en_US' }] }, 'persistent_menu'],
  [{ persistent_menu: [...menu, ...menu] }, 'persistent_menu[1][locale]'],
  [{ persistent_menu: [{ locale: 'default' }] }, 'persistent_menu[0][call_to_actions]'],
  [{ persistent_menu: [{ locale: 'default', call_to_actions: faq }] }, 'persistent_menu[0][call_to_actions]'],
  [{ persistent_menu: menuOf() }, 'persistent_menu[0][call_to_actions]'],
  [
    { persistent_menu: [{ ...menu[0], composer_input_disabled: 'perhaps' }] },
    'persistent_menu[0][composer_input_disabled]',
  ],
  [item('FAQ'), SECOND],
  [item({ title: 'FAQ', payload: 'FAQ' }), `${SECOND}[type]`],
  [item({ ...faq, type: 'phone_number' }), `${SECOND}[type]`],
  [item({ ...faq, type: 5 }), `${SECOND}[type]`],
  [item({ type: 'postback', payload: 'FAQ' }), `${SECOND}[title]`],
  [item({ ...faq, title: '' }), `${SECOND}[title]`],
  [item({ ...faq, title: 5 }), `${SECOND}[title]`],
  [item({ type: 'postback', title: 'FAQ' }), `${SECOND}[payload]`],
  [item({ ...faq, payload: ['FAQ'] }), `${SECOND}[payload]`],
  [item({ type: 'web_url', title: 'Shop' }), `${SECOND}[url]`],
  [item({ ...shop, url: 'javascript:alert(1)' }), `${SECOND}[url]`],
  [item({ ...shop, webview_height_ratio: 'huge' }), `${SECOND}[webview_height_ratio]`],
  [item({ ...shop, messenger_extensions: 'x' }), `${SECOND}[messenger_extensions]`],
  [item({ type: 'nested', title: 'More' }), `${SECOND}[call_to_actions]`],
  [item({ type: 'nested', title: 'More', call_to_actions: [] }), `${SECOND}[call_to_actions]`],
  [
    item({ type: 'nested', title: 'More', call_to_actions: [{ ...faq, title: null }] }),
    `${SECOND}[call_to_actions][0][title]`,
  ],
  [{ commands: [{ locale: 'default', commands: [] }] }, 'commands[0][commands]'],
  [
    { commands: [{ locale: 'default', commands: [command, { name: 'x' }] }] },
    'commands[0][commands][1][description]',
  ],
  [{ commands: [{ description: 'x' }] }, 'commands[0][name]'],
  [{ whitelisted_domains: [] }, 'whitelisted_domains'],
  [{ whitelisted_domains: '' }, 'whitelisted_domains'],
  [{ whitelisted_domains: {} }, 'whitelisted_domains'],
  [{ whitelisted_domains: [7] }, 'whitelisted_domains[0]'],
  [{ whitelisted_domains: ['https://a.example', 'b.example'] }, 'whitelisted_domains[1]'],
  [{ whitelisted_domains: ['ftp://a.example'] }, 'whitelisted_domains[0]'],
  [{ account_linking_url: 'shop.example' }, 'account_linking_url'],
  [{ account_linking_url: ['https://a.example'] }, 'account_linking_url'],
  [{ account_linking_url: '' }, 'account_linking_url'],
];

test('bad input names its parameter, whatever else is right in the call', () => {
  for (const [body, parameter] of BAD) {
    problemIn(parseProfile(jsonCall(body)), parameter);
    if (parameter === 'messenger_profile') continue;
    problemIn(parseProfile(jsonCall({ account_linking_url: 'https://a.example', ...body })), parameter);
  }
});

test('fields are asked for in every way that clients have', () => {
  const two = ['get_started', 'persistent_menu'];
  for (const parameters of [
    parametersOf({ method: 'GET', query: 'fields=get_started,persistent_menu' }),
    parametersOf({ method: 'GET', query: 'fields=get_started,%20persistent_menu' }),
    parametersOf({ method: 'GET', query: 'fields=["get_started","persistent_menu"]' }),
    parametersOf({ method: 'DELETE', query: 'fields%5B0%5D=get_started&fields%5B1%5D=persistent_menu' }),
    formCall('fields[0]=get_started&fields[1]=persistent_menu'),
    formCall('fields=["GET_STARTED","PERSISTENT_MENU"]&method=delete'),
    jsonCall({ fields: two }),
    jsonCall({ fields: [...two, 'payment_settings', 'home_url'] }),
  ]) {
    assert.deepEqual(readParts(parameters), { ok: true, value: two });
    assert.deepEqual(parseDeletion(parameters), { ok: true, value: two });
  }
  assert.deepEqual(readParts(parametersOf({ method: 'GET' })), { ok: true, value: null });
  assert.deepEqual(readParts(parametersOf({ query: 'fields=target_audience' })), { ok: true, value: [] });
  for (const body of [{ fields: ['menu'] }, { fields: 'get_started,menu' }, { fields: {} }]) {
    problemIn(readParts(jsonCall(body)), 'fields');
    problemIn(parseDeletion(jsonCall(body)), 'fields');
  }
  problemIn(parseDeletion(jsonCall({})), 'fields');
  problemIn(parseDeletion(jsonCall({ fields: [] })), 'fields');
  problemIn(parseDeletion(jsonCall({ fields: '' })), 'fields');
  problemIn(parseDeletion(jsonCall({ fields: [7] })), 'fields[0]');
});

test('a profile is answered in one object, and as an empty list when nothing is set', () => {
  assert.deepEqual(renderProfile([]), { data: [] });
  const values = PARTS.toReversed().map((part) => ({ part, value: everything[part] }));
  assert.deepEqual(renderProfile(values), { data: [everything] });
});

test('[M3] the menu of one customer: set, and deleted in any case', () => {
  const set = { type: 'set_menu', caller: CALLER, controlEpoch: null, menu };
  for (const parameters of [
    jsonCall({ psid: '5001', persistent_menu: menu }),
    jsonCall({ psid: 5001, persistent_menu: menu }),
    formCall(`psid=5001&persistent_menu=${JSON.stringify(menu)}`),
  ]) {
    assert.deepEqual(parseSetMenu(parameters, CALLER), { ok: true, psid: '5001', command: set });
  }
  const cleared = { ...set, menu: null };
  for (const parameters of [
    parametersOf({ query: 'psid=5001&params=["persistent_menu"]' }),
    parametersOf({ query: 'psid=5001&params=[%22PERSISTENT_MENU%22]' }),
    formCall('psid=5001&params[0]=persistent_menu'),
    jsonCall({ psid: '5001', params: ['Persistent_Menu'] }),
  ]) {
    assert.deepEqual(parseDeleteMenu(parameters, CALLER), { ok: true, psid: '5001', command: cleared });
  }
  const last = parseSetMenu(jsonCall({ psid: '5001', persistent_menu: menu, control_epoch: 3 }), CALLER);
  assert.equal(last.ok && last.command.controlEpoch, 3);
  assert.deepEqual(renderMenus({ ofCustomer: undefined, ofPage: undefined }), { data: [{}] });
});

test('what is no part of a profile is not kept, of a page and of one customer', () => {
  const junk = { note: 'x'.repeat(10_000) };
  const nested = (...items: readonly Json[]) => ({ type: 'nested', title: 'More', call_to_actions: items });
  const entry = { locale: 'default', composer_input_disabled: false };
  const clean = [{ ...entry, call_to_actions: [nested(faq, shop)] }];
  const item = { ...nested({ ...faq, ...junk, url: 'x' }, { ...shop, ...junk, payload: 'x' }), ...junk };
  const littered = [{ ...entry, ...junk, call_to_actions: [item] }];
  assert.deepEqual(wanted(jsonCall({ persistent_menu: littered })), { persistent_menu: clean });
  const ofOne = parseSetMenu(jsonCall({ psid: '5001', persistent_menu: littered }), CALLER);
  assert.deepEqual(ofOne.ok && ofOne.command.menu, clean);
  const question = { question: 'Where?', payload: 'WHERE' };
  const command = { name: 'book', description: 'Book a table' };
  const parts = {
    get_started: { payload: 'START', ...junk },
    greeting: [{ locale: 'default', text: 'Hi', ...junk }],
    ice_breakers: [{ ...junk, locale: 'default', call_to_actions: [{ ...question, ...junk }] }],
    commands: [{ ...command, ...junk }],
  };
  assert.deepEqual(wanted(jsonCall(parts)), {
    get_started: { payload: 'START' },
    greeting: [{ locale: 'default', text: 'Hi' }],
    ice_breakers: [{ locale: 'default', call_to_actions: [question] }],
    commands: [command],
  });
});

test('a menu of one customer that is wrong is refused by name', () => {
  for (const [body, parameter] of [
    [{ persistent_menu: menu }, 'psid'],
    [{ psid: 'abc', persistent_menu: menu }, 'psid'],
    [{ psid: { id: '5001' }, persistent_menu: menu }, 'psid'],
    [{ psid: '5001' }, 'persistent_menu'],
    [{ psid: '5001', persistent_menu: null }, 'persistent_menu'],
    [{ psid: '5001', persistent_menu: '[{' }, 'persistent_menu'],
    [
      { psid: '5001', persistent_menu: menuOf({ ...faq, title: 'x'.repeat(31) }) },
      'persistent_menu[0][call_to_actions][0][title]',
    ],
    [{ psid: '5001', persistent_menu: menu, control_epoch: 'x' }, 'control_epoch'],
  ] as const) {
    problemIn(parseSetMenu(jsonCall(body), CALLER), parameter);
  }
  for (const [body, parameter] of [
    [{ params: ['persistent_menu'] }, 'psid'],
    [{ psid: '5001' }, 'params'],
    [{ psid: '5001', params: [] }, 'params'],
    [{ psid: '5001', params: ['greeting'] }, 'params'],
    [{ psid: '5001', params: ['persistent_menu', 'greeting'] }, 'params'],
  ] as const) {
    problemIn(parseDeleteMenu(jsonCall(body), CALLER), parameter);
  }
});
