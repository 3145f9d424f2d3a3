/** What the tests of profiles share: menus, and a shop whose apps and customer use them. */

import assert from 'node:assert/strict';
import type { Heard } from '../../src/testing/endpoint.ts';
import type { HttpAnswer } from '../../src/testing/sandbox.ts';
import { BUDI, PAGE, type Shop, tokenOf } from './shop.ts';

export const SET: HttpAnswer = { status: 200, body: { result: 'success' } };
export const START = { payload: 'START' };

export const postback = (title: string, payload = title.toUpperCase()) => ({
  type: 'postback',
  title,
  payload,
});
export const menuOf = (...items: readonly unknown[]) => [{ locale: 'default', call_to_actions: items }];

export const profile = (shop: Shop, app: string, body: unknown): Promise<HttpAnswer> =>
  shop.baton.graph('POST', '/v20.0/me/messenger_profile', { token: tokenOf(app), body });
export const forget = (shop: Shop, app: string, fields: readonly string[]): Promise<HttpAnswer> =>
  shop.baton.graph('DELETE', '/v20.0/me/messenger_profile', { token: tokenOf(app), body: { fields } });
/** What an app reads of the profile. */
export async function profileFor(shop: Shop, app: string, query = ''): Promise<unknown> {
  const { status, body } = await shop.baton.graph('GET', `/me/messenger_profile${query}`, {
    token: tokenOf(app),
  });
  assert.equal(status, 200);
  return body['data'];
}

export const setMenu = (shop: Shop, app: string, menu: unknown, psid = BUDI): Promise<HttpAnswer> =>
  shop.baton.graph('POST', '/me/custom_user_settings', {
    token: tokenOf(app),
    body: { psid, persistent_menu: menu },
  });
export const deleteMenu = (shop: Shop, app: string): Promise<HttpAnswer> =>
  shop.baton.graph('DELETE', `/me/custom_user_settings?psid=${BUDI}&params=["persistent_menu"]`, {
    token: tokenOf(app),
  });
/** What an app reads of the customer's menus. */
export async function menusFor(shop: Shop, app: string): Promise<unknown> {
  const target = `/me/custom_user_settings?psid=${BUDI}`;
  const { status, body } = await shop.baton.graph('GET', target, { token: tokenOf(app) });
  assert.equal(status, 200);
  return body['data'];
}

/** The customer does something. */
export const act = (shop: Shop, what: string, body: unknown = {}, psid = BUDI) =>
  shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${psid}/${what}`, body);

export async function screen(shop: Shop, psid = BUDI): Promise<Readonly<Record<string, unknown>>> {
  const { messages: _, ...rest } = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${psid}/screen`);
  return rest;
}

/** The last `count` things that an app heard. */
export async function lastHeard(shop: Shop, app: string, count: number): Promise<readonly Heard[]> {
  await shop.baton.sandbox('POST', '/settle');
  const heard = (shop.endpoints[app]?.heard ?? []).filter(({ kind }) => kind !== 'app_roles');
  return heard.slice(-count);
}

/** Code and subcode of a refusal, which has a message of Graph's shape. */
export function codesOf({ status, body }: HttpAnswer): readonly unknown[] {
  const error = body['error'] as
    | { readonly message: string; readonly code: number; readonly error_subcode?: number }
    | undefined;
  assert.ok(error !== undefined, JSON.stringify(body));
  return [status, error.code, error.error_subcode];
}

export const messageOf = ({ body }: HttpAnswer): string =>
  String((body['error'] as { readonly message?: string } | undefined)?.message);
