/** [C4, C5] What an app sends to the customer: a message, or a sign such as typing. */

import type { Send, Signal } from '../protocol/command.ts';
import { type AppId, isId, type Mid, type Psid, parseMid } from '../protocol/ids.ts';
import type { JsonObject, Outgoing } from '../protocol/message.ts';
import { readAttachment } from './attachments.ts';
import { checkText, idText, isAbsent } from './checks.ts';
import { ERRORS } from './errors.ts';
import { ID_FAULT, readControlEpoch, readEnum, readObject, readRecipient } from './fields.ts';
import { MAX_METADATA, MAX_TEXT } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { type Failed, fail, failed, type Read, read } from './problem.ts';
import { readQuickReplies } from './quick-replies.ts';

const SENDER_ACTIONS = ['typing_on', 'typing_off', 'mark_seen'] as const;
const MESSAGING_TYPES = ['RESPONSE', 'UPDATE', 'MESSAGE_TAG', 'UTILITY'] as const;
const NOTIFICATION_TYPES = ['REGULAR', 'SILENT_PUSH', 'NO_PUSH'] as const;
/** [H1, S1] The tags that are left of Meta's. */
const TAGS = ['HUMAN_AGENT', 'CUSTOMER_FEEDBACK'] as const;

export type SendCall = {
  readonly ok: true;
  readonly psid: Psid;
  /** [C20] Its maker has yet to be found. */
  readonly personaId: string | null;
  /** Whether the sender wants an id by which to use the attachment again. */
  readonly isReusable: boolean;
  readonly command: Omit<Send, 'persona'> | Signal;
};

/**
 * Reads a send; unknown parameters are ignored.
 * @param mid what the message will be called
 */
export function parseSend(parameters: Parameters, caller: AppId, mid: Mid): SendCall | Failed {
  const psid = readRecipient(parameters);
  if (!psid.ok) return psid;
  const content = readContent(parameters, mid);
  if (!content.ok) return content;
  const options = readOptions(parameters);
  if (!options.ok) return options;
  const { personaId, ...rest } = options.value;
  const { message, isReusable } = content.value;
  const call = { caller, ...rest };
  const command: SendCall['command'] =
    message === null ? { ...call, type: 'signal' } : { ...call, type: 'send', message };
  return { ok: true, psid: psid.value, personaId, isReusable, command };
}

type Content = { readonly message: Outgoing | null; readonly isReusable: boolean };

/** Either a message or, where `message` is null, a sender action. */
function readContent(parameters: Parameters, mid: Mid): Read<Content> {
  const action = readEnum(parameters, 'sender_action', SENDER_ACTIONS);
  if (!action.ok) return action;
  const message = readObject(parameters, 'message');
  if (!message.ok) return message;
  if (message.value !== null && action.value !== null) {
    const { code, subcode, message: text } = ERRORS.message_and_action;
    return fail({ code, subcode, message: text, parameter: 'sender_action' });
  }
  if (action.value !== null) return read({ message: null, isReusable: false });
  if (message.value === null) return failed('message', 'is required, or a sender_action');
  const replyTo = readReplyTo(parameters);
  return replyTo.ok ? readMessage(message.value, { mid, replyTo: replyTo.value }) : replyTo;
}

function readMessage(
  message: JsonObject,
  { mid, replyTo }: { readonly mid: Mid; readonly replyTo: Mid | null },
): Read<Content> {
  const { text = null, attachment = null, metadata = null, quick_replies: replies } = message;
  if (text === null && attachment === null) return failed('message', 'needs a text or an attachment');
  if (text !== null && attachment !== null)
    return failed('message', 'takes a text or an attachment, not both');
  const wrong =
    (text === null ? null : checkText(text, 'message[text]', { max: MAX_TEXT })) ??
    (metadata === null ? null : checkText(metadata, 'message[metadata]', { min: 0, max: MAX_METADATA }));
  if (wrong !== null) return fail(wrong);
  const quickReplies = readQuickReplies(replies, 'message[quick_replies]');
  if (!quickReplies.ok) return quickReplies;
  const attached = attachment === null ? read(null) : readAttachment(attachment, 'message[attachment]');
  if (!attached.ok) return attached;
  const outgoing: Outgoing = {
    mid,
    text: typeof text === 'string' ? text : null,
    attachment: attached.value?.attachment ?? null,
    quickReplies: quickReplies.value,
    metadata: typeof metadata === 'string' ? metadata : null,
    replyTo,
  };
  return read({ message: outgoing, isReusable: attached.value?.isReusable ?? false });
}

function readReplyTo(parameters: Parameters): Read<Mid | null> {
  const replyTo = readObject(parameters, 'reply_to');
  if (!replyTo.ok) return replyTo;
  if (replyTo.value === null) return read(null);
  const { mid } = replyTo.value;
  const parsed = typeof mid === 'string' ? parseMid(mid) : null;
  return parsed === null ? failed('reply_to[mid]', 'must be the id of a message') : read(parsed);
}

type Options = {
  readonly humanAgent: boolean;
  readonly personaId: string | null;
  readonly controlEpoch: number | null;
};

/** What goes with a message and with a sender action alike. */
function readOptions(parameters: Parameters): Read<Options> {
  if (!isAbsent(parameters.value('thread_control'))) {
    return failed('thread_control', 'is not available on this page: it is in handover mode');
  }
  const notification = readEnum(parameters, 'notification_type', NOTIFICATION_TYPES);
  if (!notification.ok) return notification;
  const tag = readTag(parameters);
  if (!tag.ok) return tag;
  const personaId = readPersonaId(parameters);
  if (!personaId.ok) return personaId;
  const controlEpoch = readControlEpoch(parameters);
  if (!controlEpoch.ok) return controlEpoch;
  return read({
    humanAgent: tag.value === 'HUMAN_AGENT',
    personaId: personaId.value,
    controlEpoch: controlEpoch.value,
  });
}

function readTag(parameters: Parameters): Read<(typeof TAGS)[number] | null> {
  const type = readEnum(parameters, 'messaging_type', MESSAGING_TYPES);
  if (!type.ok) return type;
  const tag = readEnum(parameters, 'tag', TAGS);
  if (!tag.ok) return tag;
  if (tag.value === null && type.value === 'MESSAGE_TAG') {
    return failed('tag', 'is required with messaging_type MESSAGE_TAG');
  }
  return tag.value === 'CUSTOMER_FEEDBACK' ? failed('tag', 'CUSTOMER_FEEDBACK is for a survey only') : tag;
}

function readPersonaId(parameters: Parameters): Read<string | null> {
  const value = parameters.value('persona_id');
  if (isAbsent(value)) return read(null);
  const text = idText(value) ?? '';
  return isId(text) ? read(text) : failed('persona_id', ID_FAULT);
}
