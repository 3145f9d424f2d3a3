/** `POST /{page}/message_attachments`, and attachments of messages that are saved or have been. */

import type { Attachment } from '../../protocol/message.ts';
import type { SavedAttachment } from '../../store/attachments.ts';
import { parseUpload, type ReadAttachment, unknownAttachment } from '../../wire/attachments.ts';
import { MAX_FILENAME } from '../../wire/limits.ts';
import type { UploadedFile } from '../../wire/multipart.ts';
import { problemOf } from '../../wire/problem.ts';
import { fileUrl } from '../files.ts';
import { answerWith, type Failure, failFor, failWith } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';

export const saveAttachment: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call) {
    const parsed = parseUpload(call.parameters);
    if (!parsed.ok) return failFor(parsed.problem);
    const saved = await save(call, parsed.value);
    return saved === null ? failWith('too_many_attachments') : answerWith({ attachment_id: saved.id });
  },
};

/** An attachment that says where its bytes are. */
export type Placed = {
  readonly ok: true;
  readonly attachment: Attachment;
  /** What has been saved for it; null when nothing had to be. */
  readonly saved: SavedAttachment | null;
};

/** Whether anything has to be saved before the attachment can be sent. */
export const mustSave = ({ source, isReusable }: Omit<ReadAttachment, 'attachment'>): boolean =>
  source.kind === 'uploaded' || isReusable;

/** Finds what was saved, saves what is to be, and puts the address into the payload. */
export async function placeAttachment(call: GraphCall, given: ReadAttachment): Promise<Placed | Failure> {
  const { attachment, source } = given;
  if (source.kind === 'saved') return findSaved(call, attachment, source.id);
  if (!mustSave(given)) return { ok: true, attachment, saved: null };
  const saved = await save(call, given);
  if (saved === null) return failWith('too_many_attachments');
  return { ok: true, attachment: attachmentOf(call, saved), saved };
}

const PAYLOAD = 'message[attachment][payload]';

async function findSaved(call: GraphCall, { type }: Attachment, id: string): Promise<Placed | Failure> {
  const saved = await call.runtime.attachments.find(call.caller.page.id, id);
  if (saved === null) return failFor(unknownAttachment(`${PAYLOAD}[attachment_id]`).problem);
  if (saved.type !== type) {
    return failFor(problemOf('message[attachment][type]', `must be ${saved.type}, as it was saved`));
  }
  return { ok: true, attachment: attachmentOf(call, saved), saved: null };
}

function attachmentOf({ origin }: GraphCall, { type, from }: SavedAttachment): Attachment {
  return { type, payload: { url: from.kind === 'file' ? fileUrl(origin, from.key) : from.url } };
}

/** Null where the page has as much as it may. */
async function save({ runtime, caller }: GraphCall, given: ReadAttachment): Promise<SavedAttachment | null> {
  const { attachment, source } = given;
  const from =
    source.kind === 'uploaded'
      ? fileFrom(source.file)
      : ({ kind: 'address', url: String(attachment.payload['url']) } as const);
  return runtime.attachments.save({ page: caller.page.id, app: caller.app.id, type: attachment.type, from });
}

/** A type of content that can stand in a header. */
const CONTENT_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;

const fileFrom = ({ filename, contentType, bytes }: UploadedFile) => {
  const declared = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return {
    kind: 'file',
    filename: [...filename].slice(0, MAX_FILENAME).join(''),
    contentType: CONTENT_TYPE.test(declared) ? declared : 'application/octet-stream',
    bytes,
  } as const;
};
