/** The bodies of successful answers. */

import type { OwnerShown } from '../protocol/ask.ts';
import type { AppId, Mid, Psid } from '../protocol/ids.ts';
import type { JsonObject } from '../protocol/message.ts';
import type { ControlRequest } from '../protocol/thread.ts';
import { unixSeconds } from '../protocol/time.ts';

/** Of every call that changes control. */
export const renderSuccess = (): JsonObject => ({ success: true });

/** Of a send: `mid` is null for a sender action. */
export const renderSent = (psid: Psid, mid: Mid | null): JsonObject =>
  mid === null ? { recipient_id: psid } : { recipient_id: psid, message_id: mid };

/**
 * [C11, I3, R6] Who has control and until when; null: the thread is idle.
 * @param epoch beside the owner, for a caller that asked for the field `control_epoch`
 */
export function renderThreadOwner(shown: OwnerShown | null, epoch?: number): JsonObject {
  const name = shown === null || shown.owner === null ? {} : { app_id: shown.owner };
  const owner: JsonObject = shown === null ? {} : { ...name, expiration: unixSeconds(shown.until) };
  return { data: [{ thread_owner: owner, ...(epoch === undefined ? {} : { control_epoch: epoch }) }] };
}

/** [K4] The queue of open requests, in order of arrival. */
export const renderRequests = (requests: readonly ControlRequest[]): JsonObject => ({
  data: requests.map(({ app, requestedAt, metadata }) => ({
    app_id: app,
    requested_at: unixSeconds(requestedAt),
    metadata,
  })),
});

/** [P7] The other connected apps. */
export const renderReceivers = (
  receivers: readonly { readonly app: AppId; readonly name: string }[],
): JsonObject => ({ data: receivers.map(({ app, name }) => ({ id: app, name })) });
