/** Reading events from the body of a webhook. */

import type {
  CommonEvent,
  FeedbackAnswer,
  HandoverEvent,
  Referral,
  RolesEvent,
  SentAttachment,
  Spoken,
  SpokenEvent,
  WebhookEvent,
} from './events.ts';
import { idOf, isObject, type Json, type JsonObject, listOf, numberOf, objectOf, textOf } from './json.ts';

const COMMON: ReadonlySet<string> = new Set([
  'sender',
  'recipient',
  'timestamp',
  'thread_seq',
  'control_epoch',
  'lane_seq',
]);

/** The events of a webhook's body, in its order. What has another shape is left out. */
export function eventsOf(body: Json): readonly WebhookEvent[] {
  const { object, entry } = objectOf(body);
  return listOf(entry)
    .map(objectOf)
    .flatMap((each) =>
      (['messaging', 'standby'] as const).flatMap((channel) =>
        listOf(each[channel])
          .filter(isObject)
          .map((raw) =>
            eventOf(raw, {
              channel,
              pageId: idOf(each['id']) ?? '',
              object: object === 'instagram' ? 'instagram' : 'page',
            }),
          ),
      ),
    );
}

type Place = Pick<CommonEvent, 'object' | 'pageId'> & Spoken;

function eventOf(raw: JsonObject, { channel, pageId, object }: Place): WebhookEvent {
  const name = Object.keys(raw).find((each) => !COMMON.has(each)) ?? 'nothing';
  const content = objectOf(raw[name]);
  const isEcho = name === 'message' && content['is_echo'] === true;
  const party = objectOf(raw[isEcho ? 'recipient' : 'sender']);
  const psid = idOf(party['id']) ?? '';
  const timestamp = numberOf(raw['timestamp']) ?? 0;
  const threadSeq = numberOf(raw['thread_seq']);
  // Beside the number the instant: a sandbox that begins anew counts from 1 again.
  const own = threadSeq ?? `${name}/${idOf(content['mid']) ?? ''}`;
  const common: CommonEvent = {
    object,
    pageId,
    psid,
    timestamp,
    threadSeq,
    controlEpoch: numberOf(raw['control_epoch']),
    laneSeq: numberOf(raw['lane_seq']),
    key: `${pageId}/${psid}/${timestamp}/${own}`,
    raw,
  };
  return moved(name, content, common) ?? spoken(name, content, { ...common, channel });
}

function moved(name: string, content: JsonObject, common: CommonEvent): HandoverEvent | null {
  const metadata = textOf(content['metadata']);
  const event = { ...common, channel: 'handover' } as const;
  switch (name) {
    case 'pass_thread_control':
    case 'take_thread_control': {
      const previousOwnerAppId = idOf(content['previous_owner_app_id']);
      const newOwnerAppId = idOf(content['new_owner_app_id']);
      return { ...event, kind: name, previousOwnerAppId, newOwnerAppId, metadata };
    }
    case 'request_thread_control':
      return { ...event, kind: name, appId: idOf(content['requested_owner_app_id']) ?? '', metadata };
    case 'pass_thread_metadata':
      return { ...event, kind: name, appId: idOf(content['sender_app_id']) ?? '', metadata };
    case 'app_roles':
      return { ...event, psid: '', kind: name, roles: rolesOf(content) };
    default:
      return null;
  }
}

const rolesOf = (content: JsonObject): RolesEvent['roles'] =>
  Object.fromEntries(
    Object.entries(content).map(([app, roles]) => [app, listOf(roles).map((role) => textOf(role) ?? '')]),
  );

function spoken(name: string, content: JsonObject, event: CommonEvent & Spoken): SpokenEvent {
  switch (name) {
    case 'message':
      return messageOf(content, event, referralOf(content['referral']));
    case 'postback':
      return postbackOf(content, event);
    case 'read':
      return { ...event, kind: 'read' };
    case 'delivery':
      return { ...event, kind: 'delivery' };
    case 'reaction':
      return reactionOf(content, event);
    case 'messaging_feedback':
      return { ...event, kind: 'feedback', answers: answersOf(content) };
    case 'referral': {
      const referral = referralOf(content);
      return referral === null ? { ...event, kind: 'other', name } : { ...event, kind: 'referral', referral };
    }
    default:
      return { ...event, kind: 'other', name };
  }
}

const postbackOf = (content: JsonObject, event: CommonEvent & Spoken): SpokenEvent => ({
  ...event,
  kind: 'postback',
  mid: idOf(content['mid']),
  title: textOf(content['title']),
  payload: textOf(content['payload']),
  referral: referralOf(content['referral']),
});

const reactionOf = (content: JsonObject, event: CommonEvent & Spoken): SpokenEvent => ({
  ...event,
  kind: 'reaction',
  mid: idOf(content['mid']) ?? '',
  action: content['action'] === 'unreact' ? 'unreact' : 'react',
  reaction: textOf(content['reaction']),
  emoji: textOf(content['emoji']),
});

const answersOf = (content: JsonObject): readonly FeedbackAnswer[] =>
  listOf(content['feedback_screens'])
    .flatMap((screen) => Object.entries(objectOf(objectOf(screen)['questions'])))
    .map(([id, answer]) => {
      const { type, payload, follow_up: followUp } = objectOf(answer);
      return {
        id,
        type: textOf(type) ?? '',
        payload: textOf(payload) ?? '',
        followUp: textOf(objectOf(followUp)['payload']),
      };
    });

function messageOf(content: JsonObject, event: CommonEvent & Spoken, referral: Referral | null): SpokenEvent {
  const said = {
    mid: idOf(content['mid']) ?? '',
    text: textOf(content['text']),
    attachments: attachmentsOf(content['attachments']),
  };
  if (content['is_echo'] === true) {
    const metadata = textOf(content['metadata']);
    return { ...event, kind: 'echo', ...said, appId: idOf(content['app_id']), metadata };
  }
  const quickReply = textOf(objectOf(content['quick_reply'])['payload']);
  return { ...event, kind: 'message', ...said, quickReply, referral };
}

function referralOf(value: Json | undefined): Referral | null {
  if (!isObject(value)) return null;
  return {
    source: textOf(value['source']) ?? '',
    type: textOf(value['type']) ?? '',
    adId: idOf(value['ad_id']),
    ref: textOf(value['ref']),
  };
}

const attachmentsOf = (value: Json | undefined): readonly SentAttachment[] =>
  listOf(value)
    .filter(isObject)
    .map(({ type, payload }) => ({ type: textOf(type) ?? '', payload: objectOf(payload) }));
