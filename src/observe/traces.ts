/**
 * Traces by OpenTelemetry. Only its API is here; what records and exports is the operator's, who registers it before
 * the server starts (`node --import ./telemetry.js src/main.ts serve`). Where nothing is registered the API is not even
 * loaded: it would cost 10 ms of the start and some megabytes, for nothing.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, ContextManager, Link, Span, SpanContext } from '@opentelemetry/api';
import type { SpanFields, SpanStart, TraceContext, Traces } from './spans.ts';

type Api = typeof import('@opentelemetry/api');

/** Where the API, of whatever version 1, keeps what has been registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');
const SCOPE = 'baton';
const SAMPLED = 1;

/** Null: nobody has registered anything that takes traces. */
export async function openTraces(): Promise<Traces | null> {
  const registered = (globalThis as Readonly<Record<symbol, unknown>>)[REGISTERED];
  if (typeof registered !== 'object' || registered === null || !('trace' in registered)) return null;
  const api = await import('@opentelemetry/api');
  // Without one a span would not know what it lies within.
  if (!('context' in registered)) {
    api.context.setGlobalContextManager(createContextManager(api.ROOT_CONTEXT));
  }
  return createTraces(api);
}

function createTraces(api: Api): Traces {
  const tracer = api.trace.getTracer(SCOPE);
  const kinds = { call: api.SpanKind.SERVER, step: api.SpanKind.INTERNAL, webhook: api.SpanKind.CLIENT };

  function contextOf({ kind, from }: SpanStart): Context {
    const active = api.context.active();
    if (from === undefined) return active;
    // Whoever instruments Node's HTTP has taken up the caller's trace already.
    if (kind === 'call' && api.trace.getSpan(active) !== undefined) return active;
    const parent = from === null ? null : spanContextOf(api, from);
    return parent === null ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, parent);
  }

  function begin({ name, kind, from, alsoFrom = [], fields = {} }: SpanStart, parent: Context): Span {
    const links = alsoFrom.flatMap((each): Link[] => {
      const context = spanContextOf(api, each);
      return context === null || each === from ? [] : [{ context }];
    });
    return tracer.startSpan(name, { kind: kinds[kind], attributes: attributesOf(fields), links }, parent);
  }

  function failed(span: Span, error: unknown): void {
    span.setStatus({ code: api.SpanStatusCode.ERROR });
    // Its name only: a message may quote what a caller sent.
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    span.end();
  }

  return {
    within(start, work) {
      const parent = contextOf(start);
      const span = begin(start, parent);
      try {
        const result = api.context.with(api.trace.setSpan(parent, span), work);
        if (result instanceof Promise) {
          result.then(
            () => span.end(),
            (error: unknown) => failed(span, error),
          );
        } else span.end();
        return result;
      } catch (error) {
        failed(span, error);
        throw error;
      }
    },
    note(fields, error = null) {
      const span = api.trace.getSpan(api.context.active());
      span?.setAttributes(attributesOf(fields));
      if (error !== null) span?.setStatus({ code: api.SpanStatusCode.ERROR, message: error });
    },
    current() {
      const found = api.trace.getSpan(api.context.active())?.spanContext();
      return found === undefined || !api.isSpanContextValid(found) ? null : traceContextOf(found);
    },
  };
}

const attributesOf = (fields: SpanFields): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

function spanContextOf(api: Api, { traceparent, tracestate }: TraceContext): SpanContext | null {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  const traceFlags = Number.parseInt(flags, 16) & SAMPLED;
  const context = { traceId, spanId, traceFlags, isRemote: true };
  if (!api.isSpanContextValid(context)) return null;
  return tracestate === undefined ? context : { ...context, traceState: api.createTraceState(tracestate) };
}

function traceContextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize() ?? '';
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}

/** Contexts that follow promises and callbacks. */
function createContextManager(root: Context): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? root,
    with: (context, work, self, ...args) => storage.run(context, () => work.apply(self, args)),
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
