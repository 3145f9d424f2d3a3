/** Requests without a mistake that the rules refuse all the same: late, when much has been done for them already. */

import type { Json } from '../../protocol/message.ts';
import { type Call, type Fields, graph } from './call.ts';
import { PICTURE } from './graph-calls.ts';
import { BOT, DESK, PAGE, REDIRECT, secretOf, tokenOf, type Values, VICTIM } from './values.ts';

/** On the thread of a customer that the bot has control of. */
export function refusedCalls({ psids, persona, code, callback }: Values): readonly Call[] {
  const recipient: Json = { id: psids[14] ?? '' };
  const desk = { token: tokenOf(DESK), secret: secretOf(DESK) };
  const bot = { token: tokenOf(BOT), secret: secretOf(BOT) };
  const send = (fields: Fields, extra = {}): Call =>
    graph('POST /{page}/messages', '/v20.0/me/messages', {
      ...desk,
      fields: { recipient, ...fields },
      ...extra,
    });
  const url = 'https://shop.example/a.png';
  const picture = (payload: Json): Fields => ({ message: { attachment: { type: 'image', payload } } });
  const keyed = { headers: { 'idempotency-key': `refused-${psids[14]}` } };
  const client = { client_id: BOT, client_secret: secretOf(BOT) };
  return [
    send({ message: { text: 'Not mine' } }, keyed),
    send(picture({}), { file: PICTURE }),
    send(picture({ is_reusable: true }), { file: PICTURE, ...keyed }),
    send(picture({ url, is_reusable: true })),
    send({ persona_id: persona, message: { text: 'Not my persona' } }),
    send({ recipient: { id: '4711' }, ...picture({ url, is_reusable: true }) }),
    graph('POST /{page}/take_thread_control', '/me/take_thread_control', { ...desk, fields: { recipient } }),
    graph('POST /{page}/pass_thread_control', `/${PAGE}/pass_thread_control`, {
      ...bot,
      fields: { recipient, target_app_id: VICTIM },
    }),
    graph('POST /{page}/custom_user_settings', '/me/custom_user_settings', {
      ...desk,
      fields: {
        psid: psids[14] ?? '',
        persistent_menu: [
          { locale: 'default', call_to_actions: [{ type: 'postback', title: 'A', payload: 'A' }] },
        ],
      },
    }),
    graph('POST /{page}/messenger_profile', '/me/messenger_profile', {
      ...desk,
      fields: { get_started: { payload: 'START' } },
    }),
    graph('POST /{app}/subscriptions', `/v20.0/${VICTIM}/subscriptions`, {
      token: `${VICTIM}|${secretOf(VICTIM)}`,
      fields: {
        object: 'page',
        // Another address of the same endpoint, which shakes no hands.
        callback_url: `${callback}/closed`,
        verify_token: 'verify',
        fields: 'messages',
      },
    }),
    graph('POST /oauth/access_token', '/oauth/access_token', {
      token: null,
      fields: { ...client, redirect_uri: `${REDIRECT}/elsewhere`, code },
    }),
    graph('GET /{id}', '/v20.0/4711', { ...bot, fields: { fields: 'access_token' } }),
  ];
}
