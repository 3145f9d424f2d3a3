/** [B2] What a button of a message sends back is for the app that made it: nobody else is shown it. */

import type { Attachment, Json } from '../protocol/message.ts';
import { isList, isObject } from './checks.ts';

/** An attachment for another than its maker. */
export const attachmentWithoutPayloads = ({ type, payload }: Attachment): Attachment => ({
  type,
  payload: Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, withoutPayloads(value)])),
});

function withoutPayloads(value: Json): Json {
  if (isList(value)) return value.map(withoutPayloads);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'payload');
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutPayloads(inner)]));
}
