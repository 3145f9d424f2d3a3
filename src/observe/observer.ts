/**
 * What the other floors tell of themselves. They receive an `Observer` and know nothing of logs, metrics and traces. No
 * field may ever hold a message's text, a metadata string or a token.
 */

import type { Traces } from './spans.ts';

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
  /** From the commit to the end of this attempt; null unless it is the first that its event had here. */
  readonly sinceCommitMs: number | null;
};

/** What an HTTP request was for. */
export type RouteKind = 'graph' | 'sandbox' | 'admin' | 'health' | 'metrics' | 'docs' | 'files' | 'dialog';

export type RequestLine = { readonly route: RouteKind; readonly status: number };

/** Commits that shared a transaction. */
export type GroupLine = { readonly size: number; readonly durationMs: number };

export type Observer = {
  /** A command has been carried out or refused. */
  command(line: CommandLine): void;
  /** A webhook has been tried. */
  attempt(line: AttemptLine): void;
  /** A request is being answered. */
  request(line: RequestLine): void;
  /** A group of commits has been written. */
  group(line: GroupLine): void;
  /** A call was refused for coming too often. @param limit the error it was answered with */
  limited(limit: string): void;
  /** Something worth an operator's eye that is not a fault: a start, a stop, a warning. */
  note(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A bug or broken machinery, where it was caught, and what was going on. */
  fault(where: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  /** Something that its owner should mend. */
  warning(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Null: nobody takes traces. */
  readonly traces: Traces | null;
};

/** Hears nothing. */
export const silentObserver: Observer = {
  command: () => undefined,
  attempt: () => undefined,
  request: () => undefined,
  group: () => undefined,
  limited: () => undefined,
  note: () => undefined,
  fault: () => undefined,
  warning: () => undefined,
  traces: null,
};

/** Tells two observers everything. */
export const tellBoth = (one: Observer, other: Observer): Observer => ({
  command(line) {
    one.command(line);
    other.command(line);
  },
  attempt(line) {
    one.attempt(line);
    other.attempt(line);
  },
  request(line) {
    one.request(line);
    other.request(line);
  },
  group(line) {
    one.group(line);
    other.group(line);
  },
  limited(limit) {
    one.limited(limit);
    other.limited(limit);
  },
  note(message, fields) {
    one.note(message, fields);
    other.note(message, fields);
  },
  fault(where, error, fields) {
    one.fault(where, error, fields);
    other.fault(where, error, fields);
  },
  warning(message, fields) {
    one.warning(message, fields);
    other.warning(message, fields);
  },
  traces: one.traces ?? other.traces,
});
