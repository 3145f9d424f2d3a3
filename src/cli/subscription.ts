/** `baton subscription list|set|remove`: where an app hears of pages, and of what (W1, W6). */

import { readFileSync } from 'node:fs';
import { readNumber } from './arguments.ts';
import { type FindingShown, findingsBelow } from './findings.ts';
import { type ConnectionShown, describeConnection } from './page-show.ts';
import { type Called, listOf, readCall, usage, when } from './usage.ts';

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'string', multiple: true } as const;

export async function subscriptionCommand(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === 'list') return list(rest);
  if (verb === 'set') return set(rest);
  if (verb === 'remove') return remove(rest);
  return usage('subscription', 'takes list, set or remove');
}

async function list(args: readonly string[]): Promise<number> {
  const call = readCall('subscription list', args, { takes: ['an app'] });
  return call === null ? 2 : tell(await call.ask('GET', pathOf(call)));
}

/** Of a page, or else the app's callback. */
async function set(args: readonly string[]): Promise<number> {
  const options = {
    page: TEXT,
    object: TEXT,
    url: TEXT,
    'verify-token-file': TEXT,
    fields: TEXTS,
    'max-batch': TEXT,
  };
  const call = readCall('subscription set', args, { takes: ['an app'], options });
  if (call === null) return 2;
  const { read } = call;
  const fields = read.texts('fields').length === 0 ? null : listOf(read, 'fields');
  const page = read.text('page');
  const ofCallback = ['object', 'url', 'verify-token-file', 'max-batch'] as const;
  const stray = ofCallback.find((name) => read.text(name) !== null);
  if (page !== null && stray !== undefined)
    return usage('subscription set', `--${stray} is of the app's callback, and goes without --page`);
  if (page !== null) {
    const body = fields === null ? {} : { subscribed_fields: fields };
    return tell(await call.ask('POST', `${pathOf(call)}/${encodeURIComponent(page)}`, body));
  }
  if (fields === null && stray === undefined)
    return usage('subscription set', 'takes --page, or of the callback --url, --fields, …');
  const batch = read.text('max-batch');
  const maxBatch = batch === null ? null : readNumber(batch, Number.MAX_SAFE_INTEGER);
  if (batch !== null && maxBatch === null)
    return usage('subscription set', '--max-batch must be a whole number');
  return tell(await call.ask('POST', pathOf(call), callbackOf(call, { fields, maxBatch })));
}

/** The verify token is read from a file, so that it stands in no list of processes and no shell's history. */
function callbackOf(
  { read }: Called,
  { fields, maxBatch }: { readonly fields: readonly string[] | null; readonly maxBatch: number | null },
): Readonly<Record<string, unknown>> {
  const [object, url, file] = [read.text('object'), read.text('url'), read.text('verify-token-file')];
  return {
    ...(object === null ? {} : { object }),
    ...(url === null ? {} : { callback_url: url }),
    ...(file === null ? {} : { verify_token: readFileSync(file, 'utf8').replace(/\r?\n$/, '') }),
    ...(fields === null ? {} : { fields }),
    ...(maxBatch === null ? {} : { max_batch: maxBatch }),
  };
}

async function remove(args: readonly string[]): Promise<number> {
  const options = { page: TEXT, object: TEXT };
  const call = readCall('subscription remove', args, { takes: ['an app'], options });
  if (call === null) return 2;
  const [page, object] = [call.read.text('page'), call.read.text('object')];
  if ((page === null) === (object === null))
    return usage('subscription remove', 'takes one of --page and --object');
  const path = page === null ? `?object=${encodeURIComponent(object ?? '')}` : `/${encodeURIComponent(page)}`;
  return tell(await call.ask('DELETE', pathOf(call) + path));
}

const pathOf = ({ names }: Called): string => `/admin/apps/${names[0]}/subscriptions`;

type Shown = {
  readonly app_id: string;
  readonly name: string;
  readonly callbacks: readonly {
    readonly object: string;
    readonly callback_url: string;
    readonly fields: readonly string[];
    readonly max_batch: number;
    readonly verified_at: number | null;
    readonly warned_at: number | null;
    readonly switched_off_at: number | null;
  }[];
  readonly pages: readonly (ConnectionShown & { readonly id: string; readonly name: string })[];
  readonly findings: readonly FindingShown[];
};

function tell(answer: unknown): number {
  const { app_id, name, callbacks, pages, findings } = answer as Shown;
  const lines = [`${name} (${app_id})`, '', 'Callbacks', ...(callbacks.length === 0 ? ['  none'] : [])];
  for (const callback of callbacks) {
    const { object, callback_url, fields, max_batch } = callback;
    lines.push(`  ${object}: ${callback_url}`, `    state    ${stateOf(callback)}`);
    lines.push(`    hears    ${fields.join(', ')}`);
    if (max_batch > 1) lines.push(`    batch    up to ${max_batch} events in one request`);
  }
  lines.push('', 'Pages', ...(pages.length === 0 ? ['  none'] : []));
  for (const page of pages) {
    lines.push(`  ${page.name} (${page.id})`, ...describeConnection({ mode: null }, page));
  }
  process.stdout.write(`${[...lines, ...findingsBelow(findings)].join('\n')}\n`);
  return 0;
}

/** How a callback is doing. */
export function stateOf(health: {
  readonly verified_at: number | null;
  readonly warned_at: number | null;
  readonly switched_off_at: number | null;
}): string {
  if (health.switched_off_at !== null) return `switched off since ${when(health.switched_off_at)}`;
  if (health.warned_at !== null) return `keeps failing: warned at ${when(health.warned_at)}`;
  if (health.verified_at === null) return 'waits for the handshake';
  return `on, verified at ${when(health.verified_at)}`;
}
