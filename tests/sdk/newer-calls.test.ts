/** The SDK's calls about menus, surveys, files, reading, batches and Conversation Routing, against a Baton. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAppClient } from '../../src/sdk/app-client.ts';
import { BatonError, SUBCODES } from '../../src/sdk/errors.ts';
import type { Survey } from '../../src/sdk/messages.ts';
import type { MessengerProfile } from '../../src/sdk/profile-parts.ts';
import { openBaton } from '../../src/testing/kit.ts';

async function failureOf(call: Promise<unknown>): Promise<BatonError> {
  const error: unknown = await call.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof BatonError, String(error));
  return error;
}
const codesOf = ({ kind, code, subcode }: BatonError) => [kind, code, subcode];

const PROFILE: MessengerProfile = {
  get_started: { payload: 'START' },
  persistent_menu: [
    {
      locale: 'default',
      composer_input_disabled: false,
      call_to_actions: [
        { type: 'postback', title: 'Menu', payload: 'MENU' },
        { type: 'web_url', title: 'Shop', url: 'https://example.com/', webview_height_ratio: 'tall' },
        {
          type: 'nested',
          title: 'Help',
          call_to_actions: [{ type: 'postback', title: 'Call', payload: 'CALL' }],
        },
      ],
    },
    { locale: 'id_ID' },
  ],
  greeting: [{ locale: 'default', text: 'Welcome' }],
  whitelisted_domains: ['https://example.com/'],
  account_linking_url: 'https://example.com/login',
};

test('[M6] a profile is set, read as it was set, and deleted part by part', async () => {
  await using baton = await openBaton();
  const { client } = await baton.app();
  assert.deepEqual(await client.messengerProfile(), {});
  const questions = [{ question: 'When do you open?', payload: 'HOURS' }];
  const commands = [{ name: 'menu', description: 'What there is' }];
  await client.setMessengerProfile({ ...PROFILE, ice_breakers: questions, commands });
  assert.deepEqual(await client.messengerProfile(), {
    ...PROFILE,
    ice_breakers: [{ locale: 'default', call_to_actions: questions }],
    commands: [{ locale: 'default', commands }],
  });
  const inLocales = [{ locale: 'id_ID', call_to_actions: questions }];
  await client.setMessengerProfile({ ice_breakers: inLocales });
  assert.deepEqual(await client.messengerProfile({ parts: ['ice_breakers', 'greeting'] }), {
    ice_breakers: inLocales,
    greeting: PROFILE.greeting,
  });
  await client.deleteMessengerProfile(['persistent_menu', 'get_started', 'commands', 'ice_breakers']);
  const { greeting, whitelisted_domains, account_linking_url } = PROFILE;
  assert.deepEqual(await client.messengerProfile(), { greeting, whitelisted_domains, account_linking_url });
});

test('[M2] what is wrong with a profile is said, and by whom it may be set', async () => {
  await using baton = await openBaton();
  await baton.app({ primary: true });
  const { client } = await baton.app();
  const other = await failureOf(client.setMessengerProfile(PROFILE));
  assert.deepEqual(codesOf(other), ['refused', 100, 2018171]);
  const long = await failureOf(
    client.setMessengerProfile({ greeting: [{ locale: 'default', text: 'x'.repeat(161) }] }),
  );
  assert.match(long.message, /greeting\[0\]\[text\]/);
  assert.equal((await failureOf(client.deleteMessengerProfile([]))).code, 100);
  await using alone = await openBaton();
  const { client: only } = await alone.app();
  const { persistent_menu = [] } = PROFILE;
  const missing = await failureOf(only.setMessengerProfile({ persistent_menu }));
  assert.deepEqual(codesOf(missing), ['refused', 100, 2018145]);
});

test('[M3] [M4] the menu of one customer is the owner’s to set, and hides that of the page', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const { psid, says } = await baton.customer();
  await says('Hello');
  const menu = [
    { locale: 'default', call_to_actions: [{ type: 'postback', title: 'Bye', payload: 'BYE' }] },
  ] as const;
  const refused = await failureOf(desk.client.setCustomerMenu(psid, menu));
  assert.deepEqual(codesOf(refused), ['refused', 10, SUBCODES.CONTROLLED_BY_ANOTHER]);
  await bot.client.setMessengerProfile(PROFILE);
  const { controlEpoch } = await bot.client.threadOwner(psid);
  await bot.client.setCustomerMenu(psid, menu, { controlEpoch });
  assert.deepEqual(await desk.client.customerMenus(psid), {
    ofCustomer: menu,
    ofPage: PROFILE.persistent_menu,
  });
  await failureOf(bot.client.deleteCustomerMenu(psid, { controlEpoch: controlEpoch + 1 }));
  await bot.client.deleteCustomerMenu(psid);
  assert.equal((await bot.client.customerMenus(psid)).ofCustomer, null);
});

test('files are saved by their address and by their bytes, and sent by their id', async () => {
  await using baton = await openBaton();
  const bot = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  const url = 'https://example.com/cake.png';
  const byUrl = await bot.client.saveAttachment('image', { url });
  const bytes = new TextEncoder().encode('not really a picture');
  const byBytes = await bot.client.saveAttachment('image', {
    bytes,
    filename: 'kuih lapis.png',
    contentType: 'image/png',
  });
  const byBlob = await bot.client.saveAttachment('file', {
    bytes: new Blob(['a,b\n']),
    filename: 'list.csv',
    contentType: 'text/csv',
  });
  const kinds = [
    ['image', byUrl],
    ['image', byBytes],
    ['file', byBlob],
  ] as const;
  for (const [type, attachment_id] of kinds) {
    const { attachmentId } = await bot.client.send(budi.psid, {
      attachment: { type, payload: { attachment_id } },
    });
    assert.equal(attachmentId, null);
  }
  const urls = (await budi.screen()).slice(1).map(({ attachment }) => String(attachment?.payload['url']));
  assert.equal(urls[0], url);
  const [picture, list] = await Promise.all(urls.slice(1).map((each) => fetch(each)));
  assert.equal(picture?.headers.get('content-type'), 'image/png');
  assert.deepEqual(new Uint8Array(await (picture as Response).arrayBuffer()), bytes);
  assert.equal(await list?.text(), 'a,b\n');
  const again = await bot.client.send(budi.psid, {
    attachment: { type: 'image', payload: { url, is_reusable: true } },
  });
  assert.match(again.attachmentId ?? '', /^\d+$/);
  const unknown = { attachment: { type: 'image', payload: { attachment_id: '81234' } } } as const;
  assert.deepEqual(codesOf(await failureOf(bot.client.send(budi.psid, unknown))), ['refused', 100, 2018074]);
  const nowhere = await failureOf(bot.client.saveAttachment('video', { url: 'cake' }));
  assert.match(nowhere.message, /payload\]\[url\]/);
});

test('an app reads the conversations of its page, part by part, and what was said in them', async () => {
  await using baton = await openBaton();
  const page = await baton.page({ name: 'Kopi Senja' });
  const { client } = await baton.app({ primary: true });
  const desk = await baton.app();
  const customers = [];
  for (const name of ['Budi', 'Citra', 'Dewi']) customers.push(await baton.customer({ name }));
  for (const { says } of customers) await says('Hello');
  const [budi] = customers;
  assert.ok(budi !== undefined);
  const { messageId } = await client.send(budi.psid, 'Hi Budi');
  await budi.says({
    text: 'Thanks',
    attachments: [{ type: 'image', payload: { url: 'https://example.com/a' } }],
  });

  const names: string[] = [];
  for await (const { customer } of client.conversations({ limit: 1 })) names.push(customer.name);
  assert.deepEqual(names, ['Budi', 'Citra', 'Dewi']);
  const first = await client.conversations({ limit: 2 }).part();
  assert.deepEqual([first.items.length, typeof first.after], [2, 'string']);
  const rest = await client.conversations({ after: first.after ?? '' }).part();
  assert.deepEqual([rest.items[0]?.customer.name, rest.after], ['Dewi', null]);
  const [found] = (await client.conversations({ psid: budi.psid }).part()).items;
  assert.ok(found !== undefined);
  const { updatedAt, ...known } = found;
  assert.ok(Math.abs(updatedAt - (await baton.clock.now())) < 60_000);
  const id = `t_${page.id}_${budi.psid}`;
  const customer = { id: budi.psid, name: 'Budi' };
  assert.deepEqual(known, { id, customer, canReply: true, isOwner: null });
  assert.deepEqual(await client.conversation(id), found);
  assert.equal((await desk.client.conversation(id)).canReply, false);

  const said = [];
  for await (const message of client.messages(id, { limit: 2 })) said.push(message);
  assert.deepEqual(
    said.map(({ from, to, text, attachments }) => [from.name, to.name, text, attachments.length]),
    [
      ['Budi', 'Kopi Senja', 'Thanks', 1],
      ['Kopi Senja', 'Budi', 'Hi Budi', 0],
      ['Budi', 'Kopi Senja', 'Hello', 0],
    ],
  );
  assert.deepEqual(await client.message(messageId), said[1]);
  assert.equal(said[1]?.status, 'delivered');
  assert.equal((await desk.client.message(messageId)).status, null);
  assert.equal((await failureOf(client.conversation('t_1_2'))).code, 100);
  await assert.rejects(client.conversations({ after: 'nonsense' }).part(), BatonError);
});

test('[S1] [S2] [S3] a survey is held, goes out, is answered, and its sender is told', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  const payload: Survey = {
    template_type: 'customer_feedback',
    title: 'Rate your visit',
    subtitle: 'It helps us',
    button_title: 'Rate us',
    feedback_screens: [{ questions: [{ id: 'visit', type: 'csat', follow_up: { type: 'free_form' } }] }],
    business_privacy: { url: 'https://example.org/privacy' },
    expires_in_days: 3,
  };
  const survey = { attachment: { type: 'template', payload } } as const;
  const { messageId } = await desk.client.send(budi.psid, survey, { tag: 'CUSTOMER_FEEDBACK' });
  assert.equal((await desk.client.message(messageId)).status, 'held');
  assert.equal((await failureOf(bot.client.message(messageId))).code, 100);
  await bot.client.release(budi.psid);
  assert.equal((await desk.client.message(messageId)).status, 'delivered');
  await budi.answers({ visit: { score: 5, followUp: 'Good beans' } });
  const { answers } = await desk.next('feedback');
  assert.deepEqual(answers, [{ id: 'visit', type: 'csat', payload: '5', followUp: 'Good beans' }]);
});

test('reactions go either way, and signs bear a persona', async () => {
  await using baton = await openBaton();
  const bot = await baton.app();
  const budi = await baton.customer();
  const mid = await budi.says('Hello');
  await bot.client.react(budi.psid, { mid, reaction: 'love' });
  await bot.client.unreact(budi.psid, { mid });
  const unknown = await failureOf(bot.client.react(budi.psid, { mid: 'no such thing', reaction: 'love' }));
  assert.match(unknown.message, /payload\[message_id\]/);
  const id = await bot.client.createPersona({ name: 'Ana', pictureUrl: 'https://example.com/ana.png' });
  assert.equal((await bot.client.persona(id)).name, 'Ana');
  await bot.client.senderAction(budi.psid, 'typing_on', { personaId: id });
  await bot.client.deletePersona(id);
  assert.equal((await failureOf(bot.client.persona(id))).code, 100);
  await failureOf(bot.client.senderAction(budi.psid, 'typing_on', { personaId: id }));

  const { messageId } = await bot.client.send(budi.psid, 'Hi');
  await budi.reacts(messageId, 'wow');
  const reaction = await bot.next('reaction');
  assert.deepEqual([reaction.mid, reaction.action, reaction.reaction], [messageId, 'react', 'wow']);
  await budi.reacts(messageId, null);
  const back = await bot.next('reaction');
  assert.deepEqual([back.action, back.reaction, back.emoji], ['unreact', null, null]);
});

test('a batch answers each call at its place, in order, with a value or an error', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  const said = 'This {result=one:$.id} is 100% text, and so is %7Bresult=two:$.id%7D';
  const [profile, sent, passed, late, owner] = await bot.client.batch((on) => [
    on.profile(budi.psid),
    on.send(budi.psid, said),
    on.pass(budi.psid, { to: desk.id, metadata: 'Wants a cake' }),
    on.send(budi.psid, 'Too late'),
    on.threadOwner(budi.psid),
  ]);
  assert.ok(profile.ok && profile.value.psid === budi.psid);
  assert.ok(sent.ok);
  assert.deepEqual(passed, { ok: true, value: undefined });
  assert.ok(!late.ok);
  assert.deepEqual(codesOf(late.error), ['refused', 10, SUBCODES.CONTROLLED_BY_ANOTHER]);
  assert.equal(late.error.control?.ownerAppId, desk.id);
  assert.ok(owner.ok && owner.value.appId === desk.id);
  const screen = await budi.screen();
  assert.deepEqual(
    screen.slice(1).map(({ mid, text }) => [mid, text]),
    [[sent.value.messageId, said]],
  );
  const many = Array.from({ length: 51 }, () => budi.psid);
  const refused = await failureOf(bot.client.batch((on) => many.map((psid) => on.threadOwner(psid))));
  assert.equal(refused.code, 100);
  const idempotencyKey = 'one-batch';
  const greet = () => desk.client.batch((on) => [on.send(budi.psid, 'Ana here')], { idempotencyKey });
  assert.deepEqual(await greet(), await greet());
});

test('[R5] [R8] under Conversation Routing a send says what becomes of control', async () => {
  await using baton = await openBaton();
  const page = await baton.page({ mode: 'conversation_routing' });
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  assert.deepEqual(await bot.client.featureStatus(), {
    handover: false,
    messengerRouting: true,
    instagramRouting: false,
  });
  const [conversation] = (await bot.client.conversations({ psid: budi.psid }).part()).items;
  assert.deepEqual([conversation?.isOwner, conversation?.canReply], [true, true]);
  const id = `t_${page.id}_${budi.psid}`;
  assert.deepEqual((await desk.client.conversation(id)).isOwner, false);

  const threadControl = { type: 'pass', to: desk.id, metadata: 'Over to you' } as const;
  await bot.client.send(budi.psid, 'One moment', { threadControl });
  const passed = await desk.next('pass_thread_control');
  assert.deepEqual([passed.previousOwnerAppId, passed.metadata], [bot.id, 'Over to you']);
  await desk.client.senderAction(budi.psid, 'mark_seen', { threadControl: { type: 'pass' } });
  await bot.next('pass_thread_control');
  await bot.client.send(budi.psid, 'Bye', { threadControl: { type: 'release' } });
  assert.deepEqual(
    (await page.history(budi.psid)).map(({ cause, newOwnerAppId }) => [cause, newOwnerAppId]),
    [
      ['default_app', bot.id],
      ['pass', desk.id],
      ['pass', bot.id],
      ['release', null],
    ],
  );
  await using plain = await openBaton();
  const app = await plain.app();
  const citra = await plain.customer();
  await citra.says('Hi');
  assert.equal((await app.client.featureStatus()).handover, true);
  const options = { threadControl: { type: 'release' } } as const;
  await failureOf(app.client.send(citra.psid, 'Hello', options));
});

test('[W6] an app sets, reads and takes away where it hears of pages, and asks what a token is', async () => {
  await using baton = await openBaton();
  const { settings, client } = await baton.app();
  const app = createAppClient(settings);
  const [own] = await app.subscriptions();
  assert.ok(own !== undefined);
  assert.deepEqual([own.object, own.isActive], ['page', true]);
  const { callbackUrl } = own;
  await app.setSubscription({ object: 'page', fields: ['messages', 'standby'] });
  await app.setSubscription({ object: 'instagram', callbackUrl, verifyToken: settings.verifyToken });
  assert.deepEqual(
    (await app.subscriptions()).map(({ object, fields }) => [object, fields.length > 2]).toSorted(),
    [
      ['instagram', true],
      ['page', false],
    ],
  );
  await app.deleteSubscription({ object: 'page', fields: ['standby'] });
  await app.deleteSubscription({ object: 'instagram' });
  assert.deepEqual(await app.subscriptions(), [{ ...own, fields: ['messages'] }]);
  await app.deleteSubscription();
  assert.deepEqual(await app.subscriptions(), []);
  const wrong = { object: 'page', callbackUrl, verifyToken: 'another' } as const;
  assert.equal((await failureOf(app.setSubscription(wrong))).code, 2200);
  assert.equal((await failureOf(app.setSubscription({ object: 'page' }))).code, 100);

  const page = await client.page();
  const facts = await app.debugToken(settings.token);
  assert.deepEqual([facts.isValid, facts.type, facts.pageId], [true, 'PAGE', page.id]);
  const unknown = await app.debugToken('no such token');
  assert.deepEqual([unknown.isValid, unknown.type, unknown.expiresAt], [false, null, null]);
  const stranger = createAppClient({ ...settings, secret: 'guessed' });
  assert.equal((await failureOf(stranger.subscriptions())).code, 190);
});
