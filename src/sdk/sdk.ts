/** What `baton/sdk` gives to authors of apps. Runs in Node and in browsers, and depends on nothing. */

export { type CallOptions, type GraphCall, MAX_CALL_PAUSE_MS, MAX_CALL_TRIES, type Repeat } from './calls.ts';
export {
  type Client,
  type ClientOptions,
  createClient,
  type EpochOptions,
  type MetadataOptions,
  type Named,
  type Persona,
  type Profile,
  type SendOptions,
  type Sent,
  type SubscribedApp,
  type ThreadOwner,
  type ThreadRequest,
} from './client.ts';
export { type Control, type ControlOptions, MAX_CONTROLS, MAX_DURATION_SECONDS } from './control.ts';
export {
  BatonError,
  ControlLost,
  ControlNotGranted,
  type FailureKind,
  type LossReason,
  SUBCODES,
  type ToldControl,
} from './errors.ts';
export type {
  EchoEvent,
  EventKind,
  EventSource,
  HandoverEvent,
  MessageEvent,
  MessagingEvent,
  MetadataEvent,
  OtherEvent,
  PassEvent,
  PostbackEvent,
  ReadEvent,
  Referral,
  ReferralEvent,
  RequestEvent,
  RolesEvent,
  SentAttachment,
  SpokenEvent,
  StandbyEvent,
  TakeEvent,
  WebhookEvent,
} from './events.ts';
export { MAX_EVENTS_REMEMBERED, MAX_LANES_REMEMBERED } from './intake.ts';
export type { Json, JsonObject } from './json.ts';
export {
  type Attachment,
  type Button,
  choices,
  type Element,
  type Message,
  type QuickReply,
  type SenderAction,
} from './messages.ts';
export { type NodeRequest, type NodeResponse, nodeListener } from './node.ts';
export {
  createReceiver,
  type Delivery,
  type Listener,
  MAX_EVENTS_UNDER_WAY,
  MAX_WEBHOOK_BYTES,
  type Receiver,
  type ReceiverOptions,
} from './receiver.ts';
