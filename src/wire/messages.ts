/** [C4, C5] What an app sends to the customer: a message, or a sign such as typing. */

import type { AfterSend, Send, Signal } from '../protocol/command.ts';
import { type AppId, isId, type Mid, type Psid, parseAppId, parseMid } from '../protocol/ids.ts';
import type { JsonObject, Outgoing } from '../protocol/message.ts';
import { fileOf, readAttachment, type Source } from './attachments.ts';
import { checkText, idText, isAbsent } from './checks.ts';
import { ERRORS } from './errors.ts';
import { ID_FAULT, readControlEpoch, readEnum, readObject, readRecipient } from './fields.ts';
import { MAX_METADATA, MAX_REACTION, MAX_TEXT } from './limits.ts';
import type { UploadedFile } from './multipart.ts';
import type { Parameters } from './parameters.ts';
import {
  type Failed,
  fail,
  failed,
  type Problem,
  problemOf,
  type Read,
  read,
  readChecked,
} from './problem.ts';
import { readQuickReplies } from './quick-replies.ts';
import { isSurvey } from './surveys.ts';

const SENDER_ACTIONS = ['typing_on', 'typing_off', 'mark_seen', 'react', 'unreact'] as const;
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
  /** Where the attachment is, while its payload does not say so. */
  readonly source: Source;
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
  const { message, isReusable, source } = content.value;
  const survey = isSurveyMessage(message);
  const options = readOptions(parameters, survey);
  if (!options.ok) return options;
  const { personaId, ...rest } = options.value;
  const call = { caller, ...rest };
  const command: SendCall['command'] =
    message === null ? { ...call, type: 'signal' } : { ...call, type: 'send', message, survey };
  return { ok: true, psid: psid.value, personaId, isReusable, source, command };
}

/** [S1] */
const isSurveyMessage = (message: Outgoing | null): boolean =>
  message?.attachment?.type === 'template' && isSurvey(message.attachment.payload);

type Content = {
  readonly message: Outgoing | null;
  readonly isReusable: boolean;
  readonly source: Source;
};

const NO_ATTACHMENT: Pick<Content, 'isReusable' | 'source'> = {
  isReusable: false,
  source: { kind: 'given' },
};

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
  if (action.value !== null) {
    const reaction = checkReaction(parameters, action.value);
    return readChecked({ message: null, ...NO_ATTACHMENT }, reaction);
  }
  if (message.value === null) return failed('message', 'is required, or a sender_action');
  const replyTo = readReplyTo(parameters);
  const file = fileOf(parameters);
  return replyTo.ok ? readMessage(message.value, { mid, replyTo: replyTo.value, file }) : replyTo;
}

/** What `react` and `unreact` are about. */
function checkReaction(parameters: Parameters, action: (typeof SENDER_ACTIONS)[number]): Problem | null {
  if (action !== 'react' && action !== 'unreact') return null;
  const payload = readObject(parameters, 'payload');
  if (!payload.ok) return payload.problem;
  if (payload.value === null) return problemOf('payload', `is required with sender_action ${action}`);
  const { message_id: mid, reaction } = payload.value;
  if (typeof mid !== 'string' || parseMid(mid) === null) {
    return problemOf('payload[message_id]', 'must be the id of a message');
  }
  return action === 'react' ? checkText(reaction, 'payload[reaction]', { max: MAX_REACTION }) : null;
}

function readMessage(
  message: JsonObject,
  {
    mid,
    replyTo,
    file,
  }: { readonly mid: Mid; readonly replyTo: Mid | null; readonly file: UploadedFile | null },
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
  const attached = attachment === null ? read(null) : readAttachment(attachment, 'message[attachment]', file);
  if (!attached.ok) return attached;
  const outgoing: Outgoing = {
    mid,
    text: typeof text === 'string' ? text : null,
    attachment: attached.value?.attachment ?? null,
    quickReplies: quickReplies.value,
    metadata: typeof metadata === 'string' ? metadata : null,
    replyTo,
  };
  const { isReusable, source } = attached.value ?? NO_ATTACHMENT;
  return read({ message: outgoing, isReusable, source });
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
  readonly control: Send['control'];
};

/** What goes with a message and with a sender action alike. */
function readOptions(parameters: Parameters, survey: boolean): Read<Options> {
  const notification = readEnum(parameters, 'notification_type', NOTIFICATION_TYPES);
  if (!notification.ok) return notification;
  const tag = readTag(parameters, survey);
  if (!tag.ok) return tag;
  const personaId = readPersonaId(parameters);
  if (!personaId.ok) return personaId;
  const controlEpoch = readControlEpoch(parameters);
  if (!controlEpoch.ok) return controlEpoch;
  const control = readThreadControl(parameters);
  if (!control.ok) return control;
  return read({
    humanAgent: tag.value === 'HUMAN_AGENT',
    personaId: personaId.value,
    controlEpoch: controlEpoch.value,
    control: control.value,
  });
}

const CONTROL_TYPES = ['pass', 'release'] as const;

/** [R5] What becomes of control with the send; without `control_type` it is released. */
function readThreadControl(parameters: Parameters): Read<AfterSend | null> {
  const given = readObject(parameters, 'thread_control');
  if (!given.ok || given.value === null) return given.ok ? read(null) : given;
  const { control_type: type = 'release', app_id: app = null, metadata = null } = given.value;
  const named = CONTROL_TYPES.find((each) => each === (typeof type === 'string' ? type.toLowerCase() : type));
  if (named === undefined)
    return failed('thread_control[control_type]', `must be one of ${CONTROL_TYPES.join(', ')}`);
  const wrong =
    metadata === null ? null : checkText(metadata, 'thread_control[metadata]', { min: 0, max: MAX_METADATA });
  if (wrong !== null) return fail(wrong);
  const said = typeof metadata === 'string' ? metadata : null;
  if (named === 'release') {
    return app === null
      ? read({ type: 'release', metadata: said })
      : failed('thread_control[app_id]', 'goes with control_type pass only');
  }
  const target = app === null ? null : parseAppId(idText(app) ?? '');
  if (app !== null && target === null) return failed('thread_control[app_id]', ID_FAULT);
  return read({ type: 'pass', target, metadata: said });
}

function readTag(parameters: Parameters, survey: boolean): Read<(typeof TAGS)[number] | null> {
  const type = readEnum(parameters, 'messaging_type', MESSAGING_TYPES);
  if (!type.ok) return type;
  const tag = readEnum(parameters, 'tag', TAGS);
  if (!tag.ok) return tag;
  if (tag.value === null && type.value === 'MESSAGE_TAG') {
    return failed('tag', 'is required with messaging_type MESSAGE_TAG');
  }
  return tag.value === 'CUSTOMER_FEEDBACK' && !survey
    ? failed('tag', 'CUSTOMER_FEEDBACK is for a survey only')
    : tag;
}

function readPersonaId(parameters: Parameters): Read<string | null> {
  const value = parameters.value('persona_id');
  if (isAbsent(value)) return read(null);
  const text = idText(value) ?? '';
  return isId(text) ? read(text) : failed('persona_id', ID_FAULT);
}
