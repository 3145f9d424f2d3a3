/** The dialog in which a person allows an app something: who gets a code, and who gets none (A1, A5). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ATTEMPTS_A_PERSON } from '../../src/http/dialog/attempts.ts';
import { createTickets } from '../../src/http/dialog/ticket.ts';
import { dialogUrl, formOf, operatorOf, REDIRECT, redeem, sendForm, signIn } from './operator.ts';
import { BOT, openShop, type Shop, secretOf } from './shop.ts';

const ANA = { person: '9001', password: 'kopi tubruk' };
const asking = { app: BOT, scope: 'pages_messaging', state: 'a "state" & <more>' };

async function openDialog(name = 'FAQ bot'): Promise<Shop> {
  const more = { [BOT]: { redirect_uris: [REDIRECT, 'https://app.example/back?keep=1'], name } };
  const shop = await openShop({ apps: [BOT], more });
  const operator = operatorOf(shop.baton);
  await operator('POST', `/people/${ANA.person}`, { password: ANA.password });
  await operator('POST', '/people/9002', { name: 'No password' });
  return shop;
}

test('[A1] who knows the password goes back to the app with a code and the state as it was', async () => {
  await using shop = await openDialog();
  const answer = await sendForm(shop.baton, asking, ANA);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const back = new URL(answer.headers.get('location') ?? '');
  assert.equal(back.origin + back.pathname, REDIRECT);
  assert.deepEqual([...back.searchParams.keys()], ['code', 'state']);
  assert.equal(back.searchParams.get('state'), asking.state);
  const code = back.searchParams.get('code') ?? '';
  assert.equal((await redeem(shop.baton, { app: BOT, secret: secretOf(BOT), code })).status, 200);
  const redirectUri = 'https://app.example/back?keep=1';
  const other = await sendForm(shop.baton, { app: BOT, redirectUri }, ANA);
  assert.match(other.headers.get('location') ?? '', /^https:\/\/app\.example\/back\?keep=1&code=[\w-]+$/);
});

test('who cancels goes back with nothing but the news', async () => {
  await using shop = await openDialog();
  const answer = await sendForm(shop.baton, asking, { cancel: '1' });
  const back = new URL(answer.headers.get('location') ?? '');
  assert.equal(back.searchParams.get('error'), 'access_denied');
  assert.equal(back.searchParams.get('state'), asking.state);
  assert.equal(back.searchParams.get('code'), null);
});

test('[A5] an address that is not the app’s own is never led to, nor is anything asked there', async () => {
  await using shop = await openDialog();
  const wrong = [
    { app: BOT, redirectUri: 'http://evil.test/' },
    { app: BOT, redirectUri: `${REDIRECT}/more` },
    { app: BOT, redirectUri: '' },
    { app: '777' },
    { app: 'x' },
  ];
  for (const each of wrong) {
    const answer = await fetch(dialogUrl(shop.baton, each), { redirect: 'manual' });
    assert.equal(answer.status, 400);
    const html = await answer.text();
    assert.doesNotMatch(html, /<form|evil/);
  }
  const token = await fetch(`${dialogUrl(shop.baton, asking)}&response_type=token`);
  assert.equal(token.status, 400, 'response_type given twice, or another one');
});

test('[A5] a wrong password, an unknown person and one without a password are told the same', async () => {
  await using shop = await openDialog();
  const tries = [
    { ...ANA, password: 'wrong' },
    { person: '777', password: 'x' },
    { person: '9002', password: '' },
  ];
  const pages = [];
  for (const filled of tries) {
    const answer = await sendForm(shop.baton, asking, filled);
    assert.equal(answer.status, 400);
    const html = await answer.text();
    assert.match(html, /There is no person with this id and password/);
    pages.push(
      html
        .replace(/name="ticket" value="[^"]*"/, '')
        .replace(filled.person, '')
        .replace(/ autofocus/g, ''),
    );
  }
  assert.equal(new Set(pages).size, 1);
});

test('a form is taken only from the browser that it was shown in, and only for what was shown', async () => {
  await using shop = await openDialog();
  const post = (form: URLSearchParams, cookie: string) =>
    fetch(`${shop.baton.url}/dialog/oauth`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: form,
    });
  const shown = await fetch(dialogUrl(shop.baton, asking));
  const cookie = shown.headers.get('set-cookie') ?? '';
  assert.match(cookie, /HttpOnly; SameSite=Lax/);
  const form = formOf(await shown.text());
  for (const [name, value] of Object.entries(ANA)) form.set(name, value);
  const mine = cookie.split(';')[0] ?? '';
  assert.equal((await post(form, '')).status, 400, 'without the cookie');
  const [name = ''] = mine.split('=');
  assert.equal((await post(form, `${name}=${'a'.repeat(43)}`)).status, 400, 'with another');
  for (const [name, value] of [
    ['scope', 'pages_manage_metadata'],
    ['state', 'b'],
    ['ticket', ''],
  ] as const) {
    const altered = new URLSearchParams(form);
    altered.set(name, value);
    assert.equal((await post(altered, mine)).status, 400, name);
  }
  assert.equal((await post(form, `other=1; ${mine}`)).status, 303);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 1_800_000 });
  const late = await post(form, mine);
  assert.match(await late.text(), /open for too long/);
});

test('the page is framed by nobody, kept by nobody, runs nothing, and shows names as text', async () => {
  await using shop = await openDialog('<script>alert("x")</script>');
  const answer = await fetch(dialogUrl(shop.baton, { ...asking, state: '"><img src=x>' }));
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('x-frame-options'), 'DENY');
  const policy = answer.headers.get('content-security-policy') ?? '';
  for (const part of [
    "default-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self' http://127.0.0.1:9",
  ])
    assert.ok(policy.includes(part), part);
  const html = await answer.text();
  assert.doesNotMatch(html, /<script|<img/);
  assert.match(html, /&lt;script&gt;/);
});

test('[A5] after too many wrong passwords the right one is not looked at either, for a quarter of an hour', async () => {
  await using shop = await openDialog();
  for (let tries = 0; tries < MAX_ATTEMPTS_A_PERSON; tries++) {
    assert.equal((await sendForm(shop.baton, asking, { ...ANA, password: `wrong ${tries}` })).status, 400);
  }
  const refused = await sendForm(shop.baton, asking, ANA);
  assert.equal(refused.status, 429);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 900_000 });
  assert.notEqual(await signIn(shop.baton, asking, ANA), '');
});

test('a second form, opened from an app’s site in the same browser, leaves the first one good', async () => {
  await using shop = await openDialog();
  const first = await fetch(dialogUrl(shop.baton, asking));
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  const second = await fetch(dialogUrl(shop.baton, { app: BOT, state: 'second' }), { headers: { cookie } });
  assert.equal(second.headers.get('set-cookie')?.split(';')[0], cookie, 'the browser keeps what it has');
  for (const shown of [first, second]) {
    const form = formOf(await shown.text());
    for (const [name, value] of Object.entries(ANA)) form.set(name, value);
    const init = { method: 'POST', redirect: 'manual', headers: { cookie }, body: form } as const;
    assert.equal((await fetch(`${shop.baton.url}/dialog/oauth`, init)).status, 303);
  }
});

test('two forms that a browser without a cookie opens at the same moment are both good, each by its own cookie', async () => {
  await using shop = await openDialog();
  const requests = [asking, { app: BOT, state: 'second' }].map((each) => fetch(dialogUrl(shop.baton, each)));
  const shown = await Promise.all(requests);
  // A browser keeps one cookie a name; those of both answers are there before either form is sent.
  const jar = new Map(
    shown.map((answer) => {
      const [name = '', value = ''] = (answer.headers.get('set-cookie')?.split(';')[0] ?? '').split('=');
      return [name, value];
    }),
  );
  const cookies = [...jar].map(([name, value]) => `${name}=${value}`);
  const forms = await Promise.all(
    shown.map(async (answer) => {
      const form = formOf(await answer.text());
      for (const [name, value] of Object.entries(ANA)) form.set(name, value);
      return form;
    }),
  );
  const post = async (form: URLSearchParams | undefined, cookie: string): Promise<number> => {
    const init = { method: 'POST', redirect: 'manual', headers: { cookie }, body: form ?? '' } as const;
    return (await fetch(`${shop.baton.url}/dialog/oauth`, init)).status;
  };
  assert.equal(cookies.length, 2);
  for (const [index, form] of forms.entries()) {
    assert.equal(await post(form, cookies.join('; ')), 303);
    assert.equal(await post(form, cookies.toReversed().join('; ')), 303);
    assert.equal(await post(form, cookies[index] ?? ''), 303);
    assert.equal(await post(form, cookies[1 - index] ?? ''), 400, 'the other cookie does not do');
  }
  // Nor does a ticket that names the other cookie, or a cookie that is there under the name of another.
  const [first, second] = forms.map((form) => form.get('ticket')?.split('.') ?? []);
  const renamed = new URLSearchParams(forms[0]);
  renamed.set('ticket', [first?.[0], second?.[1], first?.[2]].join('.'));
  assert.equal(await post(renamed, cookies.join('; ')), 400);
  const [[name], [, value]] = [...jar] as [[string, string], [string, string]];
  assert.equal(await post(forms[0], `${name}=${value}`), 400);
  // A third one, later, is content with what the browser has.
  const third = await fetch(dialogUrl(shop.baton, asking), { headers: { cookie: cookies.join('; ') } });
  assert.ok(cookies.includes(third.headers.get('set-cookie')?.split(';')[0] ?? ''));
});

test('where people come by https only, the cookie does too, and is this host’s own', () => {
  const now = () => 1_000;
  const [secure, plain] = [true, false].map((isSecure) => createTickets(now, { isSecure }));
  const mark = { id: 'aaaaaaaa', text: 'b'.repeat(43) };
  const [name, rest] = [`baton_dialog_${mark.id}=${mark.text}`, '; Path=/; HttpOnly; SameSite=Lax'];
  assert.equal(secure?.cookie(mark), `__Host-${name}${rest}; Secure`);
  assert.equal(plain?.cookie(mark), name + rest);
  assert.deepEqual(secure?.markOf(`x=1; __Host-${name}`), mark);
  assert.notDeepEqual(secure?.markOf(name), mark, 'a neighbour’s is not taken');
});
