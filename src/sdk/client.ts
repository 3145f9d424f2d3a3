/**
 * Calls of one app on one page. Every call either answers or rejects: with a `BatonError`, or with the reason of its own
 * signal. What is sent to a thread that another app controls is refused by the server, not by this client.
 */

import { type CallOptions, createCaller, type GraphCall } from './calls.ts';
import { type Control, type ControlOptions, createControls } from './control.ts';
import type { EventSource } from './events.ts';
import type { JsonObject } from './json.ts';
import type { Message, SenderAction } from './messages.ts';
import { pageCalls } from './page-calls.ts';
import { threadCalls } from './thread-calls.ts';

const DEFAULT_VERSION = 'v24.0';
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_FIRST_PAUSE_MS = 250;

/** For whom a client speaks, and how patient it is. */
export type ClientOptions = {
  /** Where Baton is: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Who calls. The token says so too; the client needs it to know its own control from another's. */
  readonly appId: string;
  /** A Page access token. */
  readonly token: string;
  /** Hears of control at once; without one `control` looks from time to time. */
  readonly receiver?: EventSource | undefined;
  /** `v24.0` unless told otherwise. */
  readonly version?: string | undefined;
  /** How long one try of a call may take, in milliseconds: 10,000 unless told otherwise. */
  readonly timeoutMs?: number | undefined;
  /** The pause before a second try, in milliseconds: 250 unless told otherwise. Further ones are twice as long each. */
  readonly firstPauseMs?: number | undefined;
  /** Another `fetch` than the global one. */
  readonly fetch?: typeof fetch | undefined;
};

/** For calls that move control, and for what is sent: refused with subcode 2018300 when the thread's epoch is another. */
export type EpochOptions = CallOptions & { readonly controlEpoch?: number | undefined };
/** For calls that hand something on. */
export type MetadataOptions = EpochOptions & {
  /** Up to 1,000 characters, handed on with the change and kept in the history. */
  readonly metadata?: string | undefined;
};
/** For messages. */
export type SendOptions = EpochOptions & {
  /** `RESPONSE` unless told otherwise, `MESSAGE_TAG` where there is a tag. */
  readonly messagingType?: 'RESPONSE' | 'UPDATE' | 'MESSAGE_TAG' | 'UTILITY' | undefined;
  readonly tag?: 'HUMAN_AGENT' | 'CUSTOMER_FEEDBACK' | undefined;
  readonly notificationType?: 'REGULAR' | 'SILENT_PUSH' | 'NO_PUSH' | undefined;
  /** A persona that this app made. */
  readonly personaId?: string | undefined;
  /** The `mid` of the message that this one answers. */
  readonly replyTo?: string | undefined;
};

/** A message that was accepted: every app is told of it under this id. */
export type Sent = { readonly messageId: string };

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

/** Calls of one app on one page; each rejects with a `BatonError` or with the reason of its signal. */
export type Client = {
  readonly appId: string;

  /** Sends a message, once however often it has to be tried; a text is a message with this text. */
  send(psid: string, message: string | Message, options?: SendOptions): Promise<Sent>;
  /** Shows typing, or marks as read. */
  senderAction(psid: string, action: SenderAction, options?: EpochOptions): Promise<void>;

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
  personas(options?: CallOptions): Promise<readonly Persona[]>;
  deletePersona(id: string, options?: CallOptions): Promise<void>;

  /**
   * Gets control of a thread and keeps it, renewed, until the returned value is disposed of: see `Control`.
   * Rejects with `ControlNotGranted`, a `BatonError` or the reason of `options.signal`; then nothing is held.
   */
  control(psid: string, options?: ControlOptions): Promise<Control>;

  /** Any other call, such as `call({ method: 'GET', path: '/me/threads', repeat: 'safe' })`. */
  call(call: GraphCall, options?: CallOptions): Promise<JsonObject>;
};

/** A client of one app on one page. Holds no connection: there is nothing to close but what `control` gave. */
export function createClient(options: ClientOptions): Client {
  const { appId, receiver } = options;
  const call = createCaller({
    base: `${options.url.replace(/\/+$/, '')}/${options.version ?? DEFAULT_VERSION}`,
    token: options.token,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    firstPauseMs: options.firstPauseMs ?? DEFAULT_FIRST_PAUSE_MS,
  });
  const calls = { appId, call, ...threadCalls(call), ...pageCalls(call) };
  const control = createControls({ client: calls, receiver });
  return { ...calls, control };
}
