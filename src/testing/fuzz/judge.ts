/** What every answer must be, whatever was asked. */

import assert from 'node:assert/strict';
import type { HttpReply } from './connection.ts';
import type { Request } from './request.ts';

/** The only paths that may answer something else than JSON. */
const NOT_JSON = /^(?:(?:https?:\/\/[^/]*)?\/+(?:v[\d.]+\/)?(?:dialog|docs|attachments|metrics))/i;
/** What nobody outside may read: our code, and the machinery below it. */
const INSIDE =
  /\bat .{0,80}\.ts:\d|node:internal|node_modules|SQLITE|TypeError|RangeError|ReferenceError|FST_ERR_|HPE_[A-Z]{5}/;

/**
 * Throws where an answer breaks a rule.
 * @param isAmongOthers whether there can have been too much at once
 */
export function judge(
  { method, target }: Pick<Request, 'method' | 'target'>,
  reply: HttpReply,
  isAmongOthers: boolean,
): void {
  const { status, headers, body } = reply;
  const text = body.toString('utf8');
  const shown = `${status} ${text.slice(0, 500)}`;
  assert.ok(status < 500 || (isAmongOthers && isBusy(reply)), `a fault: ${shown}`);
  assert.doesNotMatch(status >= 400 ? text : '', INSIDE, `tells what is inside: ${shown}`);
  if (method === 'HEAD' || status === 204 || status === 304) {
    assert.equal(text, '', 'a body where there must be none');
    return;
  }
  const type = headers.get('content-type') ?? '';
  if (NOT_JSON.test(decoded(target)) && !type.startsWith('application/json')) return;
  assert.match(type, /^application\/json(?:;|$)/, `is not JSON: ${type} ${shown}`);
  const parsed = parse(text, shown);
  if (status >= 400) assert.ok(isGraphError(parsed), `is not an error of the Graph: ${shown}`);
  else if (Array.isArray(parsed)) for (const item of parsed) judgeItem(item, shown);
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target.split('?')[0] ?? '');
  } catch {
    return target;
  }
}

/** Of a batch. */
function judgeItem(item: unknown, shown: string): void {
  if (item === null) return;
  const { code, body } = item as { readonly code?: unknown; readonly body?: unknown };
  assert.ok(typeof code === 'number' && code < 500, `a fault in a batch: ${shown}`);
  assert.ok(typeof body === 'string', `an item without a body: ${shown}`);
  const parsed = parse(body, shown);
  if (code >= 400) assert.ok(isGraphError(parsed), `an item is not an error of the Graph: ${shown}`);
}

function parse(text: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    assert.fail(`cannot be read: ${shown}`);
  }
}

/** Code 2 with `Retry-After`: what a limit answers, and nothing else. */
function isBusy({ status, headers, body }: HttpReply): boolean {
  if (status !== 503 || !/^\d+$/.test(headers.get('retry-after') ?? '')) return false;
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  return isGraphError(parsed) && parsed.error.code === 2;
}

type GraphError = { readonly error: { readonly code: number } };

export function isGraphError(value: unknown): value is GraphError {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false;
  const { error } = value;
  if (typeof error !== 'object' || error === null || Object.keys(value).length !== 1) return false;
  const { message, type, code, error_subcode: subcode, fbtrace_id: trace } = error as Record<string, unknown>;
  return (
    typeof message === 'string' &&
    message !== '' &&
    type === 'OAuthException' &&
    Number.isInteger(code) &&
    (subcode === undefined || Number.isInteger(subcode)) &&
    typeof trace === 'string' &&
    trace !== ''
  );
}
