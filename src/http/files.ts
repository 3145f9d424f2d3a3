/** What apps have uploaded, as customers fetch it: by a name that nobody can guess, and never as something that runs. */

import type { FastifyInstance } from 'fastify';
import type { Runtime } from '../runtime/runtime.ts';
import { graphError, renderError } from '../wire/errors.ts';
import { newTraceId } from './trace.ts';

/** Where they stand, in front of their names. */
const FOLDER = '/attachments';
/** Under this origin. */
export const fileUrl = (origin: string, key: string): string => `${origin}${FOLDER}/${key}`;

/** What is shown in its place; anything else is offered to be saved. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/(?:mpeg|mp4|ogg|wav|x-wav|aac|webm)|video\/(?:mp4|webm|ogg|quicktime))$/;
/** A browser may keep it for a day. */
const CACHE = 'private, max-age=86400, immutable';

export function addFiles(app: FastifyInstance, runtime: Runtime): void {
  app.get(`${FOLDER}/:key`, async (request, reply) => {
    const { key } = request.params as { readonly key: string };
    let found: Awaited<ReturnType<typeof runtime.attachments.open>>;
    try {
      found = /^[A-Za-z0-9_-]{1,64}$/.test(key) ? await runtime.attachments.open(key) : null;
    } catch (error) {
      // Told of here, without the path: whoever knows it may read the file.
      const trace = newTraceId();
      runtime.observer.fault('files', error, { trace });
      return reply.code(500).send(renderError(graphError('internal'), trace));
    }
    if (found === null || found.saved.from.kind !== 'file') {
      const error = graphError('unknown_edge', { path: FOLDER });
      return reply.code(404).send(renderError(error, newTraceId()));
    }
    const { contentType, filename } = found.saved.from;
    const disposition = SHOWN.test(contentType) ? 'inline' : 'attachment';
    return reply
      .type(contentType)
      .headers({
        'content-length': found.file.size,
        'content-disposition': `${disposition}; filename*=UTF-8''${encodeFilename(filename)}`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cross-origin-resource-policy': 'cross-origin',
        'referrer-policy': 'no-referrer',
        'cache-control': CACHE,
      })
      .send(found.file.content);
  });
}

/** As RFC 8187 has it. */
const encodeFilename = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
