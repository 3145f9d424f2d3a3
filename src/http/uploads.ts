/**
 * Bodies that carry files. Only calls that can take a file may be larger than other calls, and few of those at once: a
 * body is held in memory until it has been read to its end.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Overloaded } from '../runtime/overloaded.ts';
import { MAX_BODY_BYTES, MAX_UPLOAD_BODY_BYTES } from '../wire/limits.ts';

/** Most calls at once whose body is larger than that of any other call may be; further ones are answered 503. */
export const MAX_UPLOADS = 8;
/** Most of these whose token is not known before the body is read; so strangers cannot hold up those who have one. */
export const MAX_UPLOADS_OF_STRANGERS = 2;

/** The edges that take a file, by their path, and the root, whose batches do. */
const UPLOADING = /^(?:\/v\d{1,3}\.\d{1,3})?(?:\/|\/[^/#]+\/(?:message_attachments|messages)\/?)?$/;

/** A body that is not read any further. */
export class BodyTooLarge extends Error {
  /** In bytes. */
  readonly limit: number;

  constructor(limit: number) {
    super(`the body is larger than ${limit} bytes`);
    this.name = 'BodyTooLarge';
    this.limit = limit;
  }
}

/**
 * Reads `multipart/form-data`, the only form in which a file comes.
 * @param isKnown whether a good token stands in front of the body: in the query or a header
 */
export function addUploads(app: FastifyInstance, isKnown: (request: FastifyRequest) => boolean): void {
  const known = { underWay: 0, most: MAX_UPLOADS };
  const strangers = { underWay: 0, most: MAX_UPLOADS_OF_STRANGERS };

  async function readBody(request: FastifyRequest): Promise<Buffer> {
    const declared = Number(request.headers['content-length'] ?? 0);
    const [path = ''] = request.url.split('?');
    const limit = UPLOADING.test(path) ? MAX_UPLOAD_BODY_BYTES : MAX_BODY_BYTES;
    if (declared > limit) throw new BodyTooLarge(limit);
    let among: typeof known | null = null;
    const enter = (): void => {
      if (among !== null) return;
      const line = isKnown(request) ? known : strangers;
      if (line.underWay >= line.most) throw new Overloaded('uploads');
      among = line;
      line.underWay += 1;
    };
    const leave = (): void => {
      if (among !== null) among.underWay -= 1;
    };
    try {
      if (declared > MAX_BODY_BYTES) enter();
      return await collect(request.raw, { limit, grown: enter });
    } finally {
      leave();
    }
  }

  app.addContentTypeParser('multipart/form-data', readBody);
}

/**
 * All bytes of a body; rejects, and reads no further, once they are too many.
 * @param options.grown called when there are more than any other call may send; what it throws ends the reading
 */
function collect(
  raw: FastifyRequest['raw'],
  { limit, grown }: { readonly limit: number; readonly grown: () => void },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const give = (end: () => void): void => {
      raw.off('data', take).off('end', whole).off('error', broken).off('close', broken);
      end();
    };
    const take = (chunk: Buffer): void => {
      received += chunk.length;
      try {
        if (received > limit) throw new BodyTooLarge(limit);
        if (received > MAX_BODY_BYTES) grown();
        chunks.push(chunk);
      } catch (error) {
        // The rest runs off, so that the answer can still be read.
        give(() => raw.resume());
        reject(error);
      }
    };
    const whole = (): void => give(() => resolve(Buffer.concat(chunks, received)));
    const broken = (): void => give(() => reject(new UnfinishedBody()));
    raw.on('data', take).on('end', whole).on('error', broken).on('close', broken);
  });
}

/** The caller went away before the body had come to its end. */
class UnfinishedBody extends Error {
  readonly statusCode = 400;

  constructor() {
    super('the body has no end');
    this.name = 'UnfinishedBody';
  }
}
