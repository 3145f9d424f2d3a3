/** What `baton/sdk` gives to authors of apps. Runs in Node and in browsers, and depends on nothing. */

export {
  type AppClient,
  type AppClientOptions,
  createAppClient,
  type Subscription,
  type TokenFacts,
  type WantedSubscription,
} from './app-client.ts';
export type { AttachmentCalls, MediaType } from './attachment-calls.ts';
export type { BatchCalls, BatchResult, BatchResults } from './batch.ts';
export {
  type CallOptions,
  type GraphCall,
  MAX_CALL_PAUSE_MS,
  MAX_CALL_TRIES,
  type Repeat,
  type Upload,
} from './calls.ts';
export {
  type Client,
  type ClientOptions,
  type ControlAfter,
  createClient,
  type EpochOptions,
  type FeatureStatus,
  type MetadataOptions,
  type Named,
  type Persona,
  type Profile,
  type SendOptions,
  type Sent,
  type SignOptions,
  type SubscribedApp,
  type ThreadOwner,
  type ThreadRequest,
} from './client.ts';
export type { ConnectionOptions } from './connection.ts';
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
  DeliveryEvent,
  EchoEvent,
  EventKind,
  EventSource,
  FeedbackAnswer,
  FeedbackEvent,
  HandoverEvent,
  MessageEvent,
  MessagingEvent,
  MetadataEvent,
  OtherEvent,
  PassEvent,
  PostbackEvent,
  ReactionEvent,
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
export type { Listing, ListOptions, Part } from './listing.ts';
export {
  type Attachment,
  type Button,
  choices,
  type Element,
  type Message,
  type QuickReply,
  type SenderAction,
  type Survey,
  type SurveyQuestion,
  type Template,
  type Webview,
} from './messages.ts';
export { type NodeRequest, type NodeResponse, nodeListener } from './node.ts';
export type { ProfileCalls } from './profile-calls.ts';
export type {
  BotCommand,
  CustomerMenus,
  LocaleCommands,
  LocaleMenu,
  LocaleQuestions,
  LocaleText,
  Menu,
  MenuItem,
  MessengerProfile,
  ProfilePart,
  Question,
  ReadProfile,
} from './profile-parts.ts';
export type { Conversation, ReadingCalls, ReadMessage } from './reading-calls.ts';
export {
  createReceiver,
  type Delivery,
  type Listener,
  MAX_EVENTS_UNDER_WAY,
  MAX_WEBHOOK_BYTES,
  type Receiver,
  type ReceiverOptions,
} from './receiver.ts';
