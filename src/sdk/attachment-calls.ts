/** Saving attachments for further use. */

import type { Caller, CallOptions, Upload } from './calls.ts';
import { idOf } from './json.ts';

/** The kinds of attachments that are files. */
export type MediaType = 'image' | 'audio' | 'video' | 'file';

/** The calls of this file. Source: docs/reference/attachments.md. */
export type AttachmentCalls = {
  /**
   * Saves a picture, a sound, a film or a file without sending it, from its address or from its bytes; its id, for the
   * `attachment_id` of messages. Any app of the page may use it, for this type of attachment, for 90 days.
   *
   * Of what is at an address only the address is saved. Refused: bad input (100), a page that has as much as it may
   * (613). Not tried again when no answer comes, or one that leaves it open: it
   * could be saved twice.
   */
  saveAttachment(
    type: MediaType,
    from: { readonly url: string } | Upload,
    options?: CallOptions,
  ): Promise<string>;
};

/** The calls about attachments. */
export function attachmentCalls(call: Caller): AttachmentCalls {
  return {
    async saveAttachment(type, from, options) {
      const isUpload = 'bytes' in from;
      const payload = { is_reusable: true, ...(isUpload ? {} : { url: from.url }) };
      const body = { message: { attachment: { type, payload } } };
      const file = isUpload ? from : undefined;
      const path = '/me/message_attachments';
      const answer = await call({ method: 'POST', path, body, file, repeat: 'never' }, options);
      return idOf(answer['attachment_id']) ?? '';
    },
  };
}
