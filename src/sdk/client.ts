/**
 * Calls of one app on one page. Every call either answers or rejects: with a `BatonError`, or with the reason of its own
 * signal. What is sent to a thread that another app controls is refused by the server, not by this client.
 */

import type { AttachmentCalls } from './attachment-calls.ts';
import { type BatchCalls, type BatchResults, createBatch } from './batch.ts';
import { type CallOptions, callerOf, type GraphCall } from './calls.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { type Control, type ControlOptions, createControls } from './control.ts';
import type { EventSource } from './events.ts';
import { callsOn } from './every-call.ts';
import type { JsonObject } from './json.ts';
import type { Message, SenderAction } from './messages.ts';
import type { ProfileCalls } from './profile-calls.ts';
import type { ReadingCalls } from './reading-calls.ts';

/** For whom a client speaks, and how patient it is. */
export type ClientOptions = ConnectionOptions & {
  /** Who calls. The token says so too; the client needs it to know its own control from another's. */
  readonly appId: string;
  /** A Page access token. */
  readonly token: string;
  /** Hears of control at once; without one `control` looks from time to time. */
  readonly receiver?: EventSource | undefined;
};

/** For calls that move control, and for what is sent: refused with subcode 2018300 when the thread's epoch is another. */
export type EpochOptions = CallOptions & { readonly controlEpoch?: number | undefined };
/** For calls that hand something on. */
export type MetadataOptions = EpochOptions & {
  /** Up to 1,000 characters, handed on with the change and kept in the history. */
  readonly metadata?: string | undefined;
};
/**
 * [R5] What becomes of control with a send. Both are carried out or neither. Under Conversation Routing alone: elsewhere
 * the send is refused (100).
 */
export type ControlAfter =
  /** To the app `to`, without it to the default app. */
  | { readonly type: 'pass'; readonly to?: string | undefined; readonly metadata?: string | undefined }
  | { readonly type: 'release'; readonly metadata?: string | undefined };
/** For signs such as typing. */
export type SignOptions = EpochOptions & {
  /** A persona that this app made. */
  readonly personaId?: string | undefined;
  /** Carried out once the sign, or the message, is out. */
  readonly threadControl?: ControlAfter | undefined;
};
/** For messages. */
export type SendOptions = SignOptions & {
  /** `RESPONSE` unless told otherwise, `MESSAGE_TAG` where there is a tag. */
  readonly messagingType?: 'RESPONSE' | 'UPDATE' | 'MESSAGE_TAG' | 'UTILITY' | undefined;
  readonly tag?: 'HUMAN_AGENT' | 'CUSTOMER_FEEDBACK' | undefined;
  readonly notificationType?: 'REGULAR' | 'SILENT_PUSH' | 'NO_PUSH' | undefined;
  /** The `mid` of the message that this one answers. */
  readonly replyTo?: string | undefined;
};

/** A message that was accepted: every app is told of it under this id. */
export type Sent = {
  readonly messageId: string;
  /** By which to send the attachment again, where that was asked for (`is_reusable`). */
  readonly attachmentId: string | null;
};

/** Who has control. */
export type ThreadOwner = {
  /** Null: nobody has, or the caller is not told. */
  readonly appId: string | null;
  /** When control ends, in milliseconds since 1970 by the server's clock, to the second; null: nobody has it. */
  readonly expiresAt: number | null;
  /** Grows by one with every change of owner. */
  readonly controlEpoch: number;
};

/** An app that waits for control. */
export type ThreadRequest = {
  readonly appId: string;
  /** In milliseconds since 1970, to the second. */
  readonly requestedAt: number;
  readonly metadata: string | null;
};

/** A customer, as far as the page knows them. */
export type Profile = {
  readonly psid: string;
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
};

/** An app or a page. */
export type Named = { readonly id: string; readonly name: string };
/** A name and a picture under which this app can speak. */
export type Persona = Named & { readonly pictureUrl: string };
/** An app of the page, and the fields that it hears. */
export type SubscribedApp = Named & { readonly fields: readonly string[] };

/** [R8] Which rules the page is under: one of the three is true. */
export type FeatureStatus = {
  /** The Handover Protocol: primary and secondary receivers. */
  readonly handover: boolean;
  /** Conversation Routing, of a Facebook Page. */
  readonly messengerRouting: boolean;
  /** Conversation Routing, of an Instagram account. */
  readonly instagramRouting: boolean;
};

/** Calls of one app on one page; each rejects with a `BatonError` or with the reason of its signal. */
export type Client = OwnCalls & ProfileCalls & AttachmentCalls & ReadingCalls;

type OwnCalls = {
  readonly appId: string;

  /** Sends a message, once however often it has to be tried; a text is a message with this text. */
  send(psid: string, message: string | Message, options?: SendOptions): Promise<Sent>;
  /** Shows typing, or marks as read. */
  senderAction(psid: string, action: SenderAction, options?: SignOptions): Promise<void>;
  /** Puts a reaction on a message: a name such as `love`, or an emoji, up to 30 characters. Refused as a send is. */
  react(
    psid: string,
    to: { readonly mid: string; readonly reaction: string },
    options?: SignOptions,
  ): Promise<void>;
  /** Takes the reaction back. */
  unreact(psid: string, from: { readonly mid: string }, options?: SignOptions): Promise<void>;

  /** Passes control: to `to`, an app's id, or without it to the primary receiver. */
  pass(psid: string, options?: MetadataOptions & { readonly to?: string | undefined }): Promise<void>;
  /** Takes control of an idle thread; the primary receiver takes any. */
  take(psid: string, options?: MetadataOptions): Promise<void>;
  /** Asks for control. On an idle thread it is given at once; else the answer means "asked", not "granted". */
  request(psid: string, options?: MetadataOptions): Promise<void>;
  /** Gives control up: the thread is idle until the customer writes. */
  release(psid: string, options?: MetadataOptions): Promise<void>;
  /** Keeps control for at least `durationSeconds` from now, 1 to 604,800; 86,400 unless told otherwise. */
  extend(psid: string, options?: EpochOptions & { readonly durationSeconds?: number }): Promise<void>;
  /** Tells another app something while control stays where it is. */
  passMetadata(
    psid: string,
    message: { readonly to: string; readonly metadata: string },
    options?: EpochOptions,
  ): Promise<void>;

  /** Who has control, and until when. Changes nothing. */
  threadOwner(psid: string, options?: CallOptions): Promise<ThreadOwner>;
  /** Who waits for control, in order of arrival; for the owner and the primary receiver. */
  threadRequests(psid: string, options?: CallOptions): Promise<readonly ThreadRequest[]>;
  /** The other apps of the page, its inbox too; for the primary receiver. */
  secondaryReceivers(options?: CallOptions): Promise<readonly Named[]>;

  /** The customer's name, as far as the page knows it. */
  profile(psid: string, options?: CallOptions): Promise<Profile>;
  /** The page that the token is for. */
  page(options?: CallOptions): Promise<Named>;
  /** Which rules the page is under. */
  featureStatus(options?: CallOptions): Promise<FeatureStatus>;
  /** The apps that are subscribed to the page. */
  subscribedApps(options?: CallOptions): Promise<readonly SubscribedApp[]>;
  /** Subscribes this app to fields of the page, or to those that it had; brings it back when it was switched off. */
  subscribe(options?: CallOptions & { readonly fields?: readonly string[] }): Promise<void>;
  /** Leaves the page: its threads are idle from then on. */
  unsubscribe(options?: CallOptions): Promise<void>;

  /** Makes a persona; its id. Not tried again when no answer comes: it could be made twice. */
  createPersona(
    persona: { readonly name: string; readonly pictureUrl: string },
    options?: CallOptions,
  ): Promise<string>;
  /** All that this app made on the page, by their ids. */
  personas(options?: CallOptions): Promise<readonly Persona[]>;
  /** One of them; any other is refused with 100/33. */
  persona(id: string, options?: CallOptions): Promise<Persona>;
  deletePersona(id: string, options?: CallOptions): Promise<void>;

  /**
   * Gets control of a thread and keeps it, renewed, until the returned value is disposed of: see `Control`.
   * Rejects with `ControlNotGranted`, a `BatonError` or the reason of `options.signal`; then nothing is held.
   */
  control(psid: string, options?: ControlOptions): Promise<Control>;

  /**
   * Makes up to 50 calls in one request, one after the other: `batch((on) => [on.send(psid, 'Hi'), on.release(psid)])`.
   * Each answers for itself, at its place; a batch is no transaction. Signal and key are given to the batch.
   *
   * `make` returns the calls as it makes them and waits for none. Rejects when no call can be known to have been carried
   * out: with a `BatonError`, the reason of the signal, or a `TypeError` where the calls are not as they must be. Sent
   * again it does nothing twice, so it is tried again, unless there is a call in it that is not. Source:
   * docs/reference/batch.md.
   */
  batch<const Calls extends readonly Promise<unknown>[]>(
    make: (on: BatchCalls) => Calls,
    options?: CallOptions,
  ): Promise<BatchResults<Calls>>;

  /** Any other call, such as `call({ method: 'GET', path: '/me/threads', repeat: 'safe' })`. */
  call(call: GraphCall, options?: CallOptions): Promise<JsonObject>;
};

/** A client of one app on one page. Holds no connection: there is nothing to close but what `control` gave. */
export function createClient(options: ClientOptions): Client {
  const { appId, receiver } = options;
  const ask = connect(options, options.token);
  const calls = { appId, ...callsOn(callerOf(ask)), batch: createBatch(ask) };
  const control = createControls({ client: calls, receiver });
  return { ...calls, control };
}
