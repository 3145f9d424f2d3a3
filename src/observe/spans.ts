/** Spans as the other floors see them: stretches of work, one within another, from a call to the webhooks it caused. */

/** Where a trace goes on, in the words of W3C Trace Context, by the names of its headers. */
export type TraceContext = { readonly traceparent: string; readonly tracestate?: string };

export type SpanFields = Readonly<Record<string, string | number | boolean | null>>;

export type SpanStart = {
  /** One of few: no ids in it. */
  readonly name: string;
  /** `call`: somebody calls this server; `webhook`: it calls somebody; `step`: neither. */
  readonly kind: 'call' | 'step' | 'webhook';
  /** What it follows from; null: from nothing; absent: from the span that is under way. */
  readonly from?: TraceContext | null;
  /** Of other traces that it belongs to as well. */
  readonly alsoFrom?: readonly TraceContext[];
  readonly fields?: SpanFields;
};

export type Traces = {
  /** Does work inside a span. What it throws is noted and thrown on. */
  within<Result>(start: SpanStart, work: () => Result): Result;
  /** Adds to the span under way. @param error why it failed, in a few words; null: it did not */
  note(fields: SpanFields, error?: string | null): void;
  /** The span under way; null: there is none. */
  current(): TraceContext | null;
};

/** Does work inside a span where traces are taken; elsewhere just does it. */
export const within = <Result>(traces: Traces | null, start: SpanStart, work: () => Result): Result =>
  traces === null ? work() : traces.within(start, work);

/** A version that is not 00 is read as if it were; what it may have in addition is left out. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;
/** Length of a `traceparent` of version 00. */
const TRACEPARENT_LENGTH = 55;
/** Longest `tracestate` that is passed on, in characters: as long as the standard asks for. */
export const MAX_TRACE_STATE = 512;

/** The context that a caller sent, or null when it sent none or not a right one. */
export function readTraceContext(headers: {
  readonly [name: string]: string | readonly string[] | undefined;
}): TraceContext | null {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return null;
  const parent = { traceparent: traceparent.slice(0, TRACEPARENT_LENGTH) };
  const isKept = typeof tracestate === 'string' && tracestate.length <= MAX_TRACE_STATE;
  return isKept ? { ...parent, tracestate } : parent;
}
