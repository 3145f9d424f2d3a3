/** [A1, A5] Who calls: the app, the page and the person behind a Page access token. */

import type { Page } from '../../protocol/page.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { hashToken } from '../../runtime/tokens.ts';
import type { AppRecord, PageRecord, Task, TokenRecord } from '../../store/config.ts';
import { appSecretProof, isSameSecret } from '../../wire/bytes.ts';
import { bearerToken, type Parameters } from '../../wire/parameters.ts';
import { type Failure, failWith } from './answer.ts';

export type Caller = {
  readonly app: AppRecord;
  readonly page: Page;
  /** What the person may do on the page at this moment. */
  readonly tasks: readonly Task[];
};

/** The caller, or why there is none. Tells nothing of what exists (A5). */
export function readCaller(
  runtime: Runtime,
  parameters: Parameters,
  authorization: string | undefined,
): { readonly ok: true; readonly caller: Caller } | Failure {
  const text = parameters.text('access_token') ?? bearerToken(authorization) ?? '';
  if (text === '') return failWith('token_missing');
  const { configuration } = runtime;
  const token = configuration.token(hashToken(text));
  const app = token === null ? null : configuration.app(token.app);
  const page = token === null ? null : configuration.page(token.page);
  if (token === null || app === null || page === null) return failWith('token_invalid');
  const proof = parameters.text('appsecret_proof');
  if (proof !== null && !isSameSecret(proof, appSecretProof(app.secret, text))) {
    return failWith('proof_invalid');
  }
  const tasks = tasksOf(configuration.pageRecord(page.id), token);
  // [A1] The token of somebody who has nothing to do on the page any more opens nothing.
  return tasks.length === 0
    ? failWith('task_missing', { task: 'MODERATE' })
    : { ok: true, caller: { app, page, tasks } };
}

/** [A1] Read anew at every call: a task that is lost is lost at once. */
const tasksOf = (page: PageRecord | null, { person }: TokenRecord): readonly Task[] =>
  page?.people.find((each) => each.person === person)?.tasks ?? [];
