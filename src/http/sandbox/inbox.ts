/** The people in the page's inbox (X). */

import type { FastifyInstance } from 'fastify';
import type { Folder } from '../../protocol/command.ts';
import { parseAppId } from '../../protocol/ids.ts';
import { folderOf } from '../../protocol/inbox.ts';
import { inboxOf } from '../../protocol/page.ts';
import { nameOf } from '../../protocol/scene.ts';
import { openRequests, ownerAt } from '../../protocol/thread.ts';
import { unixSeconds } from '../../protocol/time.ts';
import { newMid } from '../../runtime/mids.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { MAX_METADATA, MAX_TEXT } from '../../wire/limits.ts';
import { fail, readBody, textAt } from './body.ts';
import { carryOut, pageOf, threadOf } from './threads.ts';

const FOLDERS: readonly Folder[] = ['main', 'general', 'done'];

export function addInbox(app: FastifyInstance, runtime: Runtime): void {
  addLook(app, runtime);
  addReply(app, runtime);
  addMove(app, runtime);
  addPass(app, runtime);
}

const PATH = '/sandbox/pages/:page/inbox/:psid';

/** [X6, X7] What the people there see of a conversation beside what was said. */
function addLook(app: FastifyInstance, runtime: Runtime): void {
  app.get(PATH, async (request) => {
    const key = threadOf(runtime, request);
    const { thread } = (await runtime.threads.read(key)) ?? fail('page', `There is no page ${key.page}`);
    const page = pageOf(runtime, key.page);
    const now = runtime.clock.now();
    return {
      folder: folderOf(page, thread, now),
      owner_app_id: ownerAt(page, thread, now)?.owner ?? null,
      requests: openRequests(page, thread, now).map((request) => ({
        app_id: request.app,
        app_name: nameOf(page, request.app),
        requested_at: unixSeconds(request.requestedAt),
        metadata: request.metadata,
      })),
    };
  });
}

function addReply(app: FastifyInstance, runtime: Runtime): void {
  app.post(`${PATH}/reply`, async (request) => {
    const key = threadOf(runtime, request);
    const text = textAt(readBody(request, ['text']), 'text', MAX_TEXT);
    if (text === null) return fail('text', 'A reply needs text');
    const message = {
      mid: newMid(runtime.clock.now()),
      text,
      attachment: null,
      quickReplies: [],
      metadata: null,
      replyTo: null,
    };
    await carryOut(runtime, key, { type: 'inbox_reply', message });
    return { message_id: message.mid };
  });
}

function addMove(app: FastifyInstance, runtime: Runtime): void {
  app.post(`${PATH}/move`, async (request) => {
    const key = threadOf(runtime, request);
    const wanted = readBody(request, ['folder'])['folder'];
    const folder = FOLDERS.find((each) => each === wanted);
    if (folder === undefined) return fail('folder', 'folder must be main, general or done');
    await carryOut(runtime, key, { type: 'inbox_move', folder });
    return { success: true };
  });
}

function addPass(app: FastifyInstance, runtime: Runtime): void {
  app.post(`${PATH}/pass`, async (request) => {
    const key = threadOf(runtime, request);
    const body = readBody(request, ['target_app_id', 'metadata']);
    const asked = body['target_app_id'];
    const target = parseAppId(
      typeof asked === 'number' ? String(asked) : typeof asked === 'string' ? asked : '',
    );
    if (target === null) return fail('target_app_id', 'target_app_id must be the id of an app');
    const metadata = textAt(body, 'metadata', MAX_METADATA);
    const caller = inboxOf(pageOf(runtime, key.page));
    await carryOut(runtime, key, { type: 'pass', caller, target, metadata, controlEpoch: null });
    return { success: true };
  });
}
