/**
 * The metrics: what is counted as it happens, and what is read when somebody asks. The manual's page of them is drawn
 * from the table here.
 */

import { createCounter, createHistogram, MAX_LABEL_VALUES, OTHER, type Sample } from './meters.ts';
import { type AttemptLine, type Observer, silentObserver } from './observer.ts';

export type MetricKind = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
};

const counter = (name: string, labels: readonly string[], help: string): MetricKind => ({
  name,
  type: 'counter',
  help,
  labels,
});
const gauge = (name: string, labels: readonly string[], help: string): MetricKind => ({
  name,
  type: 'gauge',
  help,
  labels,
});
const histogram = (name: string, help: string): MetricKind => ({ name, type: 'histogram', help, labels: [] });

export const METRICS = {
  requests: counter(
    'baton_http_requests_total',
    ['route', 'status'],
    'HTTP requests by kind of route (graph, sandbox, admin, health, metrics, docs, files, dialog) and status of the answer.',
  ),
  limited: counter(
    'baton_rate_limited_calls_total',
    ['limit'],
    'Calls refused for coming too often: rate_limited (an app on a page), address_limited (wrong tokens of an address).',
  ),
  commands: counter(
    'baton_commands_total',
    ['call', 'outcome'],
    'Commands by call and outcome: ok, the reason of the refusal, overloaded or fault.',
  ),
  commandSeconds: histogram('baton_command_seconds', 'From a command to its outcome, its commit included.'),
  commitSeconds: histogram('baton_commit_seconds', 'How long the transactions of groups of commits took.'),
  commitGroup: histogram('baton_commit_group_size', 'Commits that shared a transaction.'),
  attempts: counter(
    'baton_webhook_attempts_total',
    ['app', 'outcome'],
    'Attempts to tell an app of an event by outcome: ok, the class of the status (4xx), or no_answer.',
  ),
  attemptSeconds: histogram('baton_webhook_attempt_seconds', 'How long attempts took.'),
  deliverySeconds: histogram(
    'baton_webhook_delivery_seconds',
    'From the commit of an event to the end of the first attempt to tell an app of it.',
  ),
  lanes: gauge('baton_lanes_waiting', ['app'], 'Lanes (conversations) with something that an app waits for.'),
  notices: gauge('baton_notices_waiting', ['app'], 'Events that an app has not been told yet.'),
  breakers: gauge('baton_breakers_open', ['app'], 'Callbacks of an app whose breaker is open.'),
  switchedOff: gauge('baton_webhooks_switched_off', ['app'], 'Callbacks of an app that were switched off.'),
  sweepLag: gauge(
    'baton_sweep_lag_seconds',
    [],
    'How far the sweep is behind: up to when all due is written.',
  ),
  clockOffset: gauge('baton_clock_offset_seconds', [], "What a sandbox's clock has been moved by; else 0."),
  clockError: gauge(
    'baton_clock_error_seconds',
    [],
    "How far time is ahead of the machine's clock, after that was set back.",
  ),
} as const;

type MetricName = keyof typeof METRICS;

/** By app; an app that is not named stands at 0. */
export type ByApp = ReadonlyMap<string, number>;

/** What is read at the moment when somebody asks. */
export type Readings = {
  readonly lanes: ByApp;
  readonly notices: ByApp;
  readonly breakers: ByApp;
  readonly switchedOff: ByApp;
  readonly sweepLagMs: number;
  readonly clockOffsetMs: number;
  readonly clockErrorMs: number;
};

/** A metric and its lines. */
export type Family = MetricKind & { readonly samples: readonly Sample[] };

export type Metrics = {
  readonly observer: Observer;
  families(readings: Readings): readonly Family[];
};

const SECOND_MS = 1_000;
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LONG_SECONDS = [...SECONDS, 30, 60, 300, 1_800, 3_600];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export function createMetrics(): Metrics {
  const requests = createCounter(['route', 'status']);
  const limited = createCounter(['limit', null]);
  const commands = createCounter(['call', 'outcome']);
  const commandSeconds = createHistogram(SECONDS);
  const commitSeconds = createHistogram(SECONDS);
  const commitGroup = createHistogram(SIZES);
  const attempts = createCounter(['app', 'outcome']);
  const attemptSeconds = createHistogram(SECONDS);
  const deliverySeconds = createHistogram(LONG_SECONDS);
  const counted = {
    requests,
    limited,
    commands,
    commandSeconds,
    commitSeconds,
    commitGroup,
    attempts,
    attemptSeconds,
    deliverySeconds,
  };

  return {
    observer: {
      ...silentObserver,
      command({ call, outcome, durationMs }) {
        commands.add(call, outcome);
        commandSeconds.observe(durationMs / SECOND_MS);
      },
      attempt(line) {
        attempts.add(line.app, outcomeOf(line));
        attemptSeconds.observe(line.durationMs / SECOND_MS);
        if (line.sinceCommitMs !== null) deliverySeconds.observe(line.sinceCommitMs / SECOND_MS);
      },
      request: ({ route, status }) => requests.add(route, textOf(status)),
      group({ size, durationMs }) {
        commitGroup.observe(size);
        commitSeconds.observe(durationMs / SECOND_MS);
      },
      limited: (limit) => limited.add(limit, ''),
    },
    families(readings) {
      const read = samplesOf(readings);
      return Object.entries(METRICS).map(([name, kind]) => ({
        ...kind,
        samples: name in counted ? counted[name as keyof typeof counted].samples() : read[name as ReadName],
      }));
    },
  };
}

/** Text of a status; most answers are 200. */
const textOf = (status: number): string => (status === 200 ? '200' : String(status));

function outcomeOf({ status, error }: AttemptLine): string {
  if (error === null) return 'ok';
  return status === null ? 'no_answer' : `${String(status).slice(0, 1)}xx`;
}

type ReadName = Extract<
  MetricName,
  'lanes' | 'notices' | 'breakers' | 'switchedOff' | 'sweepLag' | 'clockOffset' | 'clockError'
>;

const samplesOf = (readings: Readings): Readonly<Record<ReadName, readonly Sample[]>> => ({
  lanes: byApp(readings.lanes),
  notices: byApp(readings.notices),
  breakers: byApp(readings.breakers),
  switchedOff: byApp(readings.switchedOff),
  sweepLag: [{ labels: {}, value: readings.sweepLagMs / SECOND_MS }],
  clockOffset: [{ labels: {}, value: readings.clockOffsetMs / SECOND_MS }],
  clockError: [{ labels: {}, value: readings.clockErrorMs / SECOND_MS }],
});

/** The first apps each by themselves, the others together. */
function byApp(counts: ByApp): readonly Sample[] {
  const sums = new Map<string, number>();
  for (const [app, count] of counts) {
    const name = sums.size < MAX_LABEL_VALUES ? app : OTHER;
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].map(([app, value]) => ({ labels: { app }, value }));
}
