/**
 * What the other floors tell of themselves. They receive an `Observer` and know nothing of logs. No field may ever
 * hold a message's text, a metadata string or a token.
 */

export type CommandLine = {
  /** The call or the kind of act: `pass`, `receive`, `inbox_reply` … */
  readonly call: string;
  readonly page: string;
  readonly psid: string;
  /** The app that called; null for the customer, the inbox and time. */
  readonly app: string | null;
  /** `ok`, or the reason of the refusal. */
  readonly outcome: string;
  /** How often it had to be decided. */
  readonly tries: number;
  readonly durationMs: number;
};

export type AttemptLine = {
  readonly app: string;
  readonly event: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
};

export type Observer = {
  /** A command has been carried out or refused. */
  command(line: CommandLine): void;
  /** A webhook has been tried. */
  attempt(line: AttemptLine): void;
  /** Something worth an operator's eye that is not a fault: a start, a stop, a warning. */
  note(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A bug or broken machinery, where it was caught, and what was going on. */
  fault(where: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  /** Something that its owner should mend. */
  warning(message: string, fields: Readonly<Record<string, unknown>>): void;
};

/** Hears nothing. */
export const silentObserver: Observer = {
  command: () => undefined,
  attempt: () => undefined,
  note: () => undefined,
  fault: () => undefined,
  warning: () => undefined,
};
