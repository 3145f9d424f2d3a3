/** Calls of an app about itself, with its secret: for servers and set-up programs, never for a browser. */

import { type CallOptions, callerOf, type GraphCall } from './calls.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { idOf, type JsonObject, listOf, numberOf, objectOf, textOf } from './json.ts';

/** For whom an app client speaks. */
export type AppClientOptions = ConnectionOptions & {
  readonly appId: string;
  /** The app secret. Together with the id it opens whatever the app may do. */
  readonly secret: string;
};

/** Where an app hears of pages, or of Instagram accounts. */
export type Subscription = {
  readonly object: 'page' | 'instagram';
  readonly callbackUrl: string;
  /** Whether it is verified, and has not been switched off. */
  readonly isActive: boolean;
  readonly fields: readonly string[];
};

/** What a subscription is to be. What is left out stays as it is; of a new one only `fields` may be left out. */
export type WantedSubscription = {
  readonly object: 'page' | 'instagram';
  /** http or https. It is asked with `hub.challenge` before this call answers. */
  readonly callbackUrl?: string | undefined;
  readonly verifyToken?: string | undefined;
  /** Replaces the list; of a new subscription every field, unless told otherwise. */
  readonly fields?: readonly string[] | undefined;
};

/** What an access token is. */
export type TokenFacts = {
  readonly isValid: boolean;
  /** Null: not told, as of tokens of another app; then nothing else is. */
  readonly type: 'PAGE' | 'USER' | 'APP' | null;
  readonly scopes: readonly string[];
  readonly personId: string | null;
  readonly pageId: string | null;
  /** In milliseconds since 1970, to the second; null: it does not end by itself. */
  readonly expiresAt: number | null;
};

/** Calls of one app; each rejects with a `BatonError` or with the reason of its signal. Source: docs/reference/subscriptions.md. */
export type AppClient = {
  readonly appId: string;
  /** Where the app hears of what. */
  subscriptions(options?: CallOptions): Promise<readonly Subscription[]>;
  /**
   * Sets where the app hears of pages or accounts, and switches its webhooks on again. Refused: bad input (100), a
   * callback that does not answer the challenge (2200; why stands in the message); then nothing has changed.
   */
  setSubscription(wanted: WantedSubscription, options?: CallOptions): Promise<void>;
  /** Takes fields away, a subscription with the last of them; without `fields` all of it, without `object` both. */
  deleteSubscription(
    what?: {
      readonly object?: 'page' | 'instagram' | undefined;
      readonly fields?: readonly string[] | undefined;
    },
    options?: CallOptions,
  ): Promise<void>;
  /** What a token is, of those of this app. */
  debugToken(token: string, options?: CallOptions): Promise<TokenFacts>;
  /** Any other call. */
  call(call: GraphCall, options?: CallOptions): Promise<JsonObject>;
};

/** A client of one app. */
export function createAppClient(options: AppClientOptions): AppClient {
  const { appId, secret } = options;
  const call = callerOf(connect(options, `${appId}|${secret}`));
  const path = `/${encodeURIComponent(appId)}/subscriptions`;
  return {
    appId,
    call,
    async subscriptions(options) {
      const { data } = await call({ method: 'GET', path, repeat: 'safe' }, options);
      return listOf(data).map(objectOf).map(subscriptionOf);
    },
    async setSubscription({ object, callbackUrl, verifyToken, fields }, options) {
      const body = {
        object,
        ...(callbackUrl !== undefined && { callback_url: callbackUrl }),
        ...(verifyToken !== undefined && { verify_token: verifyToken }),
        ...(fields !== undefined && { fields }),
      };
      await call({ method: 'POST', path, body, repeat: 'safe' }, options);
    },
    async deleteSubscription({ object, fields } = {}, options) {
      const body = { ...(object !== undefined && { object }), ...(fields !== undefined && { fields }) };
      await call({ method: 'DELETE', path, body, repeat: 'safe' }, options);
    },
    async debugToken(token, options) {
      const query = { input_token: token };
      const { data } = await call({ method: 'GET', path: '/debug_token', query, repeat: 'safe' }, options);
      return factsOf(objectOf(data));
    },
  };
}

const subscriptionOf = (node: JsonObject): Subscription => ({
  object: node['object'] === 'instagram' ? 'instagram' : 'page',
  callbackUrl: textOf(node['callback_url']) ?? '',
  isActive: node['active'] === true,
  fields: listOf(node['fields']).map((field) => textOf(objectOf(field)['name']) ?? ''),
});

const TYPES = ['PAGE', 'USER', 'APP'] as const;
const SECOND_MS = 1_000;

function factsOf(data: JsonObject): TokenFacts {
  const expiresAt = numberOf(data['expires_at']) ?? 0;
  return {
    isValid: data['is_valid'] === true,
    type: TYPES.find((each) => each === data['type']) ?? null,
    scopes: listOf(data['scopes']).map((scope) => textOf(scope) ?? ''),
    personId: idOf(data['user_id']),
    pageId: idOf(data['profile_id']),
    expiresAt: expiresAt === 0 ? null : expiresAt * SECOND_MS,
  };
}
