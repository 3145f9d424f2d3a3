/**
 * `/{app}/subscriptions`: where an app hears of pages and of Instagram accounts, and of what. For the app itself, and
 * for people who are its admins. A callback is verified before it is accepted (W6).
 */

import { FIELDS } from '../../protocol/fields.ts';
import type { AppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { callbackOf, setCallback, type WantedCallback, withoutCallbacks } from '../../runtime/subscribing.ts';
import type { Webhook, WebhookObject } from '../../store/config.ts';
import { renderSuccess } from '../../wire/answers.ts';
import { checkText, checkUrl } from '../../wire/checks.ts';
import { readEnum, readList } from '../../wire/fields.ts';
import { MAX_VERIFY_TOKEN } from '../../wire/limits.ts';
import type { Parameters } from '../../wire/parameters.ts';
import { fail, failed, type Read, read } from '../../wire/problem.ts';
import { type Answer, answerWith, type Failure, failFor, failWith } from './answer.ts';
import type { CommonCall } from './call.ts';
import { changeWhile } from './change-as.ts';
import type { OwnEdge } from './own-routes.ts';

/** An app's call about itself, be it with its own token or with that of an admin. */
export type SubscriptionCall = Pick<CommonCall, 'runtime' | 'delivery' | 'parameters'> & {
  readonly app: AppId;
  /** Whether the caller still has what let it in. */
  readonly isAllowed: () => boolean;
};

/** The edge in the table of one kind of token. @param read what a call comes to, or why it may not be made */
export function onSubscriptions<Call>(read: (call: Call) => SubscriptionCall | Failure): OwnEdge<Call> {
  const via = (run: (call: SubscriptionCall) => Promise<Answer>) => async (call: Call) => {
    const own = read(call);
    return 'ok' in own ? own : run(own);
  };
  return { GET: via(listSubscriptions), POST: via(subscribe), DELETE: via(unsubscribe) };
}

const OBJECTS: readonly WebhookObject[] = ['page', 'instagram'];
/** Of the payloads of all fields: there is one version of them. */
const FIELD_VERSION = 'v24.0';

async function listSubscriptions({ runtime, app }: SubscriptionCall): Promise<Answer> {
  const { webhooks } = runtime.configuration.current();
  return answerWith({ data: webhooks.filter((each) => each.app === app).map(renderWebhook) });
}

const renderWebhook = ({ object, callbackUrl, fields, verifiedAt, switchedOffAt }: Webhook): JsonObject => ({
  object,
  callback_url: callbackUrl,
  active: verifiedAt !== null && switchedOffAt === null,
  fields: fields.map((name) => ({ name, version: FIELD_VERSION })),
});

/** The list of fields is replaced; without one, or without a callback, those that there are stay. */
async function subscribe(call: SubscriptionCall): Promise<Answer> {
  const wanted = readWanted(call);
  if (!wanted.ok) return failFor(wanted.problem);
  const verified = await setCallback(call, wanted.value, changeWhile(call.runtime, call.isAllowed));
  if (verified.kind === 'busy') return failWith('unavailable');
  if (verified.kind === 'failed') return failWith('callback_not_verified', { reason: verified.reason });
  return answerWith(renderSuccess());
}

function readWanted({ runtime, app, parameters }: SubscriptionCall): Read<WantedCallback> {
  const object = readObjectOf(parameters);
  if (!object.ok) return object;
  if (object.value === null) return failed('object', 'is required');
  const known = callbackOf(runtime, app, object.value);
  const [urlGiven, tokenGiven] = [parameters.text('callback_url'), parameters.text('verify_token')];
  const callbackUrl = urlGiven ?? known?.callbackUrl;
  const verifyToken = tokenGiven ?? known?.verifyToken;
  const problem =
    checkUrl(callbackUrl, 'callback_url') ??
    checkText(verifyToken, 'verify_token', { max: MAX_VERIFY_TOKEN });
  if (problem !== null) return fail(problem);
  const fields = readFields(parameters);
  if (!fields.ok) return fields;
  return read({
    app,
    object: object.value,
    callbackUrl: callbackUrl ?? '',
    verifyToken: verifyToken ?? '',
    fields: fields.value,
    maxBatch: null,
    restsOn: urlGiven === null || tokenGiven === null ? (known ?? null) : null,
  });
}

/** Without `object` all callbacks go; with `fields` only those fields do, and a callback with the last of them. */
async function unsubscribe({ runtime, app, parameters }: SubscriptionCall): Promise<Answer> {
  const object = readObjectOf(parameters);
  if (!object.ok) return failFor(object.problem);
  const fields = readFields(parameters);
  if (!fields.ok) return failFor(fields.problem);
  const gone = { object: object.value, less: fields.value };
  await runtime.change((config) => withoutCallbacks(config, app, gone));
  return answerWith(renderSuccess());
}

const readObjectOf = (parameters: Parameters): Read<WebhookObject | null> =>
  readEnum(parameters, 'object', OBJECTS);

function readFields(parameters: Parameters): Read<readonly string[] | null> {
  const list = readList(parameters, 'fields');
  if (!list.ok || list.value === null) return list;
  const unknown = list.value.find((field) => !FIELDS.has(field));
  if (unknown === undefined) return read([...new Set(list.value)]);
  return failed(
    'fields',
    `holds ${JSON.stringify(unknown)}, which is not a field of ${OBJECTS.join(' or ')}`,
  );
}
