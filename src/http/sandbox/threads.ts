/** What the sandbox's routes share: which thread is meant, and carrying a command out on it. */

import type { FastifyRequest } from 'fastify';
import type { Command } from '../../protocol/command.ts';
import { type PageId, parsePageId, parsePsid } from '../../protocol/ids.ts';
import { inboxOf, type Page } from '../../protocol/page.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { nameOf } from '../../protocol/scene.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ThreadKey } from '../../store/port.ts';
import type { GraphError } from '../../wire/errors.ts';
import { refusalError } from '../../wire/refusals.ts';
import { fail } from './body.ts';

/** A refusal of a sandbox call, on its way to the answer. */
export class SandboxRefusal extends Error {
  readonly error: GraphError;

  constructor(page: Page, refusal: Refusal) {
    super(refusal.reason);
    this.name = 'SandboxRefusal';
    const caller = inboxOf(page);
    this.error = refusalError(refusal, { caller, callerName: nameOf(page, caller), platform: page.platform });
  }
}

/** The thread that the path names; its page must exist. */
export function threadOf(runtime: Runtime, request: FastifyRequest): ThreadKey {
  const { page, psid } = request.params as { readonly page: string; readonly psid: string };
  const id = parsePageId(page) ?? fail('page', 'The page must be 1 to 32 digits');
  pageOf(runtime, id);
  return { page: id, psid: parsePsid(psid) ?? fail('psid', 'The psid must be 1 to 32 digits') };
}

export const pageOf = (runtime: Runtime, id: PageId): Page =>
  runtime.configuration.page(id) ?? fail('page', `There is no page ${id}`);

/** Carries a command out; a refusal leaves as an error that the server renders. */
export async function carryOut(runtime: Runtime, key: ThreadKey, command: Command): Promise<void> {
  const handled = await runtime.threads.handle(key, command);
  if (handled.ok) return;
  if (handled.refusal === null) return fail('page', `There is no page ${key.page}`);
  throw new SandboxRefusal(pageOf(runtime, key.page), handled.refusal);
}
