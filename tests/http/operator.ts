/** The operator of a sandbox, and a person who signs in, for the tests of access. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpAnswer, Sandbox } from '../../src/testing/sandbox.ts';

export type Operator = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<HttpAnswer['body']>;

/** Asks as the operator; what is not answered 200 is an error. */
export function operatorOf(baton: Sandbox): Operator {
  const file = path.join(baton.data, 'operator.json');
  return async (method, target, body) => {
    const { token } = JSON.parse(readFileSync(file, 'utf8')) as { readonly token: string };
    const answer = await baton.call(method, `/admin${target}`, {
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
}

export const REDIRECT = 'http://127.0.0.1:9/back';

export type Asking = {
  readonly app: string;
  readonly scope?: string;
  readonly redirectUri?: string;
  readonly state?: string;
};

/** The dialog's address. */
export const dialogUrl = (baton: Sandbox, { app, scope, redirectUri, state }: Asking): string => {
  const query = new URLSearchParams({
    client_id: app,
    redirect_uri: redirectUri ?? REDIRECT,
    response_type: 'code',
    ...(scope === undefined ? {} : { scope }),
    ...(state === undefined ? {} : { state }),
  });
  return `${baton.url}/v20.0/dialog/oauth?${query}`;
};

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>' };

/** The form of a page as a browser would send it. */
export function formOf(html: string): URLSearchParams {
  const form = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)) {
    form.set(
      name,
      value.replace(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole),
    );
  }
  return form;
}

/** Sends the dialog's form as a browser does. */
export async function sendForm(
  baton: Sandbox,
  asking: Asking,
  filled: Readonly<Record<string, string>>,
): Promise<Response> {
  const shown = await fetch(dialogUrl(baton, asking));
  const form = formOf(await shown.text());
  for (const [name, value] of Object.entries(filled)) form.set(name, value);
  const cookie = shown.headers.get('set-cookie')?.split(';')[0] ?? '';
  return fetch(`${baton.url}/dialog/oauth`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: form,
  });
}

/** A person signs in; answers the code. */
export async function signIn(
  baton: Sandbox,
  asking: Asking,
  filled: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await sendForm(baton, asking, filled);
  assert.equal(answer.status, 303, await answer.text());
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

/** The token that a code gives. */
export async function redeem(
  baton: Sandbox,
  { app, secret, code }: { readonly app: string; readonly secret: string; readonly code: string },
): Promise<HttpAnswer> {
  const query = new URLSearchParams({ client_id: app, client_secret: secret, redirect_uri: REDIRECT, code });
  return baton.call('GET', `/v20.0/oauth/access_token?${query}`);
}
