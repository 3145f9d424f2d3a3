/**
 * Control of a thread as a thing with a life: got, renewed, given back.
 *
 *     wanted ──▶ held ──▶ over (moved, passed, released, refused)
 *
 * While it is held, everything that is sent bears the thread's epoch, so the server itself refuses what was begun before
 * control moved: that is the promise. `signal` is a courtesy beside it, so that work for an answer that will never be
 * sent can stop; it aborts as soon as this program can know, by a webhook, a refusal, or the next look.
 */

import { acquire } from './acquire.ts';
import type { Client, MetadataOptions, Named, SendOptions, Sent, SignOptions } from './client.ts';
import { createEar, type Ear } from './ear.ts';
import type { EventSource } from './events.ts';
import { hold } from './hold.ts';
import type { Message, SenderAction } from './messages.ts';

/** Most threads of which one client has or awaits control. */
export const MAX_CONTROLS = 1_000;
/** Longest that control is kept at a time without renewing it, in seconds: what the server allows, seven days. */
export const MAX_DURATION_SECONDS = 604_800;

const SECOND_MS = 1_000;
/** How long control lasts at least after it was given. */
const DAY_SECONDS = 86_400;
const DEFAULT_WAIT_SECONDS = 60;
const DEFAULT_CHECK_SECONDS = 10;

/** How control is to be got and kept. */
export type ControlOptions = {
  /**
   * `request`, unless told otherwise: control of an idle thread comes at once, of another's when its owner passes it.
   * `idle`: at once where nobody else has control, else not at all; right for a bot that answers a webhook.
   * `take`: at once or not at all; the primary receiver takes any thread, the others idle ones.
   */
  readonly by?: 'request' | 'idle' | 'take' | undefined;
  /** Goes with the request or the taking; up to 1,000 characters. */
  readonly metadata?: string | undefined;
  /**
   * How long control is to last if this program dies without giving it back, in seconds; it is renewed at half of that.
   * 86,400 unless told otherwise, up to `MAX_DURATION_SECONDS`. Control never ends sooner than a day after it was given.
   */
  readonly durationSeconds?: number | undefined;
  /** How long to wait for a request to be granted, in seconds: 60 unless told otherwise. The request itself stays open. */
  readonly waitSeconds?: number | undefined;
  /** How often to look who has control, in seconds, in case no webhook says so: 10 unless told otherwise. */
  readonly checkSeconds?: number | undefined;
  /** Gives the waiting up; has no part in what is held. */
  readonly signal?: AbortSignal | undefined;
};

/** The epoch is that of the control, and what becomes of it is said by `pass` and `release`. */
type UnderControl<Options> = Omit<Options, 'controlEpoch' | 'threadControl'>;

/** Control of one thread; dispose of it when done. */
export type Control = AsyncDisposable & {
  readonly psid: string;
  /** The thread's epoch while this control lasts. */
  readonly epoch: number;
  /** Aborts when control is over, with a `ControlLost` that says why. */
  readonly signal: AbortSignal;
  /** As `Client.send`, under this control: rejects with `ControlLost` when that is over, and nothing was sent. */
  send(message: string | Message, options?: UnderControl<SendOptions>): Promise<Sent>;
  senderAction(action: SenderAction, options?: UnderControl<SignOptions>): Promise<void>;
  /** Passes control on: this one is over, and there is nothing to give back. */
  pass(options?: Omit<MetadataOptions, 'controlEpoch'> & { readonly to?: string | undefined }): Promise<void>;
  /** Gives control back now. What the disposal does, with metadata. Does nothing when control is over. */
  release(options?: Omit<MetadataOptions, 'controlEpoch'>): Promise<void>;
  /** Gives control back, unless it is over. Rejects when the server could not be told. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Whose control it is, and who hears of it. */
export type ControlsOptions = {
  readonly client: Omit<Client, 'control'>;
  readonly receiver: EventSource | undefined;
};

/** Gets control for a client: at most one control of a thread at a time, and `MAX_CONTROLS` in all. */
export function createControls({ client, receiver }: ControlsOptions): Client['control'] {
  const threads = new Set<string>();
  const listen = createListening({ client, receiver });

  async function begin(psid: string, options: ControlOptions): Promise<Control> {
    const { durationSeconds = DAY_SECONDS, checkSeconds = DEFAULT_CHECK_SECONDS } = options;
    const { by = 'request', metadata, waitSeconds = DEFAULT_WAIT_SECONDS, signal } = options;
    const [waitMs, checkMs] = [waitSeconds * SECOND_MS, checkSeconds * SECOND_MS];
    const ear = await listen(psid);
    try {
      const wanted = { client, psid, by, metadata, waitMs, checkMs, signal, ear };
      // What was given just now lasts a day by itself.
      const extendSeconds = (isNew: boolean) =>
        isNew && durationSeconds <= DAY_SECONDS ? null : durationSeconds;
      const { epoch } = await acquire({ ...wanted, extendSeconds });
      const onOver = (): void => void threads.delete(psid);
      return hold({ client, psid, epoch, durationSeconds, checkMs, ear, onOver });
    } catch (error) {
      ear.close();
      throw error;
    }
  }

  return async (psid, options = {}) => {
    const { durationSeconds = DAY_SECONDS } = options;
    if (!(durationSeconds >= 1 && durationSeconds <= MAX_DURATION_SECONDS)) {
      throw new RangeError(`durationSeconds must be from 1 to ${MAX_DURATION_SECONDS}`);
    }
    if (threads.has(psid)) throw new Error(`this client has or awaits control of thread ${psid} already`);
    if (threads.size >= MAX_CONTROLS) throw new Error(`this client has ${MAX_CONTROLS} controls already`);
    threads.add(psid);
    return begin(psid, options).catch((error: unknown) => {
      threads.delete(psid);
      throw error;
    });
  };
}

/** Listens to one thread. A receiver may hear of several pages, and a customer's id is good for one. */
function createListening({ client, receiver }: ControlsOptions): (psid: string) => Promise<Ear> {
  let page: Promise<Named> | null = null;
  return async (psid) => {
    if (receiver === undefined) return createEar(null);
    page ??= client.page();
    try {
      const { id: pageId } = await page;
      return createEar(receiver, { pageId, psid });
    } catch (error) {
      page = null;
      throw error;
    }
  };
}
