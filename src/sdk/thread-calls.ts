/** The calls about one thread. */

import type { Caller, CallOptions } from './calls.ts';
import type {
  Client,
  ControlAfter,
  EpochOptions,
  MetadataOptions,
  SendOptions,
  SignOptions,
} from './client.ts';
import { idOf, type Json, type JsonObject, listOf, numberOf, objectOf, textOf } from './json.ts';
import type { Message } from './messages.ts';

/** The calls of this file. */
export type ThreadCalls = Pick<
  Client,
  | 'send'
  | 'senderAction'
  | 'react'
  | 'unreact'
  | 'pass'
  | 'take'
  | 'request'
  | 'release'
  | 'extend'
  | 'passMetadata'
  | 'threadOwner'
  | 'threadRequests'
>;

type Given = Readonly<Record<string, Json | undefined>>;
type Post = (edge: string, psid: string, parameters: Given, options?: EpochOptions) => Promise<JsonObject>;

const SECOND_MS = 1_000;

/** The calls about one thread. */
export function threadCalls(call: Caller): ThreadCalls {
  const post: Post = (edge, psid, parameters, options) => {
    const asked = given({ ...parameters, control_epoch: options?.controlEpoch });
    const body = { recipient: { id: psid }, ...asked };
    return call({ method: 'POST', path: `/me/${edge}`, body, repeat: 'keyed' }, options);
  };
  return { ...sends(post), ...moves(post), ...questions(call) };
}

type Sends = Pick<ThreadCalls, 'send' | 'senderAction' | 'react' | 'unreact'>;

function sends(post: Post): Sends {
  async function sign(action: string, psid: string, options: SignOptions = {}, payload?: JsonObject) {
    await post('messages', psid, { sender_action: action, payload, ...signParameters(options) }, options);
  }
  return {
    async send(psid, message, options = {}) {
      const answer = await post('messages', psid, sendParameters(message, options), options);
      return { messageId: textOf(answer['message_id']) ?? '', attachmentId: idOf(answer['attachment_id']) };
    },
    senderAction: (psid, action, options) => sign(action, psid, options),
    react: (psid, { mid, reaction }, options) => sign('react', psid, options, { message_id: mid, reaction }),
    unreact: (psid, { mid }, options) => sign('unreact', psid, options, { message_id: mid }),
  };
}

function sendParameters(message: string | Message, options: SendOptions): Given {
  const { messagingType, tag, notificationType, replyTo } = options;
  return {
    message: typeof message === 'string' ? { text: message } : message,
    messaging_type: messagingType ?? (tag === undefined ? 'RESPONSE' : 'MESSAGE_TAG'),
    tag,
    notification_type: notificationType,
    reply_to: replyTo === undefined ? undefined : { mid: replyTo },
    ...signParameters(options),
  };
}

const signParameters = ({ personaId, threadControl }: SignOptions): Given => ({
  persona_id: personaId,
  thread_control: threadControl === undefined ? undefined : controlAfter(threadControl),
});

const controlAfter = (after: ControlAfter): JsonObject =>
  given({
    control_type: after.type,
    app_id: after.type === 'pass' ? after.to : undefined,
    metadata: after.metadata,
  });

function moves(post: Post): Omit<ThreadCalls, keyof Sends | keyof Questions> {
  async function move(verb: string, psid: string, options: MetadataOptions = {}, more: Given = {}) {
    await post(`${verb}_thread_control`, psid, { metadata: options.metadata, ...more }, options);
  }
  return {
    pass: (psid, options) => move('pass', psid, options, { target_app_id: options?.to }),
    take: (psid, options) => move('take', psid, options),
    request: (psid, options) => move('request', psid, options),
    release: (psid, options) => move('release', psid, options),
    extend: (psid, options) => move('extend', psid, options, { duration: options?.durationSeconds }),
    async passMetadata(psid, { to, metadata }, options) {
      await post('pass_thread_metadata', psid, { target_app_id: to, metadata }, options);
    },
  };
}

type Questions = Pick<ThreadCalls, 'threadOwner' | 'threadRequests'>;

function questions(call: Caller): Questions {
  const ask = (edge: string, query: Readonly<Record<string, string>>, options?: CallOptions) =>
    call({ method: 'GET', path: `/me/${edge}`, query, repeat: 'safe' }, options);
  return {
    async threadOwner(psid, options) {
      const answer = await ask('thread_owner', { recipient: psid, fields: 'control_epoch' }, options);
      const told = objectOf(listOf(answer['data'])[0]);
      const owner = objectOf(told['thread_owner']);
      return {
        appId: idOf(owner['app_id']),
        expiresAt: instantOf(owner['expiration']),
        controlEpoch: numberOf(told['control_epoch']) ?? 0,
      };
    },
    async threadRequests(psid, options) {
      const answer = await ask('thread_requests', { recipient: psid }, options);
      return listOf(answer['data'])
        .map(objectOf)
        .map((each) => ({
          appId: idOf(each['app_id']) ?? '',
          requestedAt: instantOf(each['requested_at']) ?? 0,
          metadata: textOf(each['metadata']),
        }));
    },
  };
}

/** An instant that the wire gives in seconds. */
function instantOf(seconds: Json | undefined): number | null {
  const number = numberOf(seconds);
  return number === null ? null : number * SECOND_MS;
}

/** Without the parameters that were not given. */
function given(parameters: Given): JsonObject {
  const body: Record<string, Json> = {};
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) body[name] = value;
  return body;
}
