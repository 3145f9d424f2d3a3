/** What a call of the client can fail with. Aborting a call rejects with the reason of its signal instead. */

/** Subcodes that a program acts on. The manual's `errors.md` has them all. */
export const SUBCODES = {
  /** Another app controls the thread, or `control_epoch` is no longer that of the thread: nothing was sent. */
  CONTROLLED_BY_ANOTHER: 2018300,
  /** Pass, release or extend by an app that may not. */
  NOT_OWNER: 2534037,
  /** Too long after the customer's last act. */
  OUTSIDE_WINDOW: 2018278,
  /** The page knows nobody with this id. */
  UNKNOWN_CUSTOMER: 2018001,
  /** The app named as target is not connected to the page. */
  TARGET_NOT_CONNECTED: 2018164,
} as const;

/**
 * Why a call failed.
 * - `refused`: the server understood, and said no. Nothing was done; the same call is refused again.
 * - `limited`: too many calls (429). Nothing was done.
 * - `unavailable`: the server or something before it could not answer (500, 502, 503, 504).
 * - `unreachable`: no answer came, or none in time. Whether the call was carried out is not known.
 * - `malformed`: what answered is not Baton.
 */
export type FailureKind = 'refused' | 'limited' | 'unavailable' | 'unreachable' | 'malformed';

/** Who has control, as a refusal tells it. */
export type ToldControl = {
  /** Null: nobody has. */
  readonly ownerAppId: string | null;
  /** When its control ends, in milliseconds since 1970; null where nobody has control. */
  readonly expiresAt: number | null;
};

/** What a `BatonError` is made of. */
export type Failure = {
  readonly kind: FailureKind;
  readonly message: string;
  readonly status?: number | undefined;
  readonly code?: number | undefined;
  readonly subcode?: number | undefined;
  readonly userTitle?: string | undefined;
  readonly userMsg?: string | undefined;
  readonly traceId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly tries: number;
  readonly cause?: unknown;
};

/** A call that was not carried out, or of which that is not known. */
export class BatonError extends Error {
  readonly kind: FailureKind;
  /** Of the HTTP answer; null when none came. */
  readonly status: number | null;
  readonly code: number | null;
  readonly subcode: number | null;
  readonly userTitle: string | null;
  /** Why, who has control until when, and what the app may do instead; for a person to read. */
  readonly userMsg: string | null;
  /** `fbtrace_id`: names this answer. */
  readonly traceId: string | null;
  /** How long the server asks callers to wait, in seconds; null when it does not. */
  readonly retryAfterSeconds: number | null;
  /** Who has control, where the refusal tells it: read from `userMsg`, null where that says nothing of it. */
  readonly control: ToldControl | null;
  /** How often the call was tried. */
  readonly tries: number;

  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = 'BatonError';
    this.kind = failure.kind;
    this.status = failure.status ?? null;
    this.code = failure.code ?? null;
    this.subcode = failure.subcode ?? null;
    this.userTitle = failure.userTitle ?? null;
    this.userMsg = failure.userMsg ?? null;
    this.traceId = failure.traceId ?? null;
    this.retryAfterSeconds = failure.retryAfterSeconds ?? null;
    this.control = toldControl(this.userMsg);
    this.tries = failure.tries;
  }
}

/**
 * Why a `Control` is over. `moved`: another app has the thread, or nobody; `passed`, `released`: this app gave it up;
 * `refused`: this app may not speak of the thread at all any more.
 */
export type LossReason = 'moved' | 'passed' | 'released' | 'refused';

/** Control of a thread is over: the reason of the signal of a `Control`, and what its calls reject with. */
export class ControlLost extends Error {
  readonly psid: string;
  readonly reason: LossReason;

  constructor(psid: string, reason: LossReason, cause?: unknown) {
    super(`control of thread ${psid} is over: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = 'ControlLost';
    this.psid = psid;
    this.reason = reason;
  }
}

/** Nobody gave control within the time that the app would wait. */
export class ControlNotGranted extends Error {
  readonly psid: string;
  /** Who had control when last looked; null: nobody. */
  readonly ownerAppId: string | null;

  constructor(psid: string, ownerAppId: string | null) {
    super(`control of thread ${psid} was not granted in time`);
    this.name = 'ControlNotGranted';
    this.psid = psid;
    this.ownerAppId = ownerAppId;
  }
}

/** Whether an error says that the caller does not have control, or not that which it believed in. */
export const saysControlIsElsewhere = (error: unknown): error is BatonError =>
  error instanceof BatonError &&
  (error.subcode === SUBCODES.CONTROLLED_BY_ANOTHER || error.subcode === SUBCODES.NOT_OWNER);

const OWNER = /\(app (\d{1,32})\)(?:, which is the caller,)? has control until (\d{4}-[\d:.T-]+Z)\./g;
const NOBODY = 'Nobody has control of the conversation now.';

/** The last sentence that can be meant: names of apps stand before it, and may hold anything. */
function toldControl(userMsg: string | null): ToldControl | null {
  if (userMsg === null) return null;
  const [, ownerAppId, until] = [...userMsg.matchAll(OWNER)].at(-1) ?? [];
  if (ownerAppId === undefined || until === undefined) {
    return userMsg.includes(NOBODY) ? { ownerAppId: null, expiresAt: null } : null;
  }
  const expiresAt = Date.parse(until);
  return { ownerAppId, expiresAt: Number.isNaN(expiresAt) ? null : expiresAt };
}
