/** [A1, A5] Who calls: what stands behind an access token, be it of a page, of a person, or of an app itself. */

import { type PageId, parseAppId } from '../../protocol/ids.ts';
import type { Page } from '../../protocol/page.ts';
import { hasEnded, tasksOf } from '../../runtime/grants.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { mayUse, secretsOf } from '../../runtime/secrets.ts';
import { hashToken } from '../../runtime/tokens.ts';
import type { PageToken, UserToken } from '../../store/access.ts';
import type { AppRecord, Permission, Person, Task } from '../../store/config.ts';
import { appSecretProof, isSameSecret } from '../../wire/bytes.ts';
import { bearerToken, type Parameters } from '../../wire/parameters.ts';
import { type Failure, failWith } from './answer.ts';

/** Whoever calls with a Page token. */
export type Caller = {
  readonly app: AppRecord;
  readonly page: Page;
  /** What the person may do on the page at this moment. */
  readonly tasks: readonly Task[];
  readonly token: PageToken;
};
/** Whoever calls with a user token. */
export type UserCaller = {
  readonly app: AppRecord;
  readonly person: Person;
  readonly token: UserToken;
  /** The token as it was sent. */
  readonly text: string;
};
/** Whoever calls with an app token. */
export type AppCaller = {
  readonly app: AppRecord;
  /** As it was shown. */
  readonly secret: string;
};

export type AnyCaller =
  | { readonly kind: 'page'; readonly caller: Caller }
  | { readonly kind: 'user'; readonly caller: UserCaller }
  | { readonly kind: 'app'; readonly caller: AppCaller };

/** [A5] Whose calls are counted together: those of an app on a page, for a person, or for itself. */
export function budgetOf({ kind, caller }: AnyCaller): string {
  if (kind === 'page') return `${caller.app.id}/${caller.page.id}`;
  return kind === 'user' ? `${caller.app.id}/person/${caller.person.id}` : caller.app.id;
}

type Found = ({ readonly ok: true } & AnyCaller) | Failure;

/** The caller, or why there is none. Tells nothing of what exists (A5). */
export function readCaller(
  runtime: Runtime,
  parameters: Parameters,
  authorization: string | undefined,
): Found {
  const text = tokenIn(parameters, authorization);
  if (text === '') return failWith('token_missing');
  const found = identify(runtime, text);
  const proof = parameters.text('appsecret_proof');
  if (!found.ok || proof === null) return found;
  const secrets = secretsOf(found.caller.app, runtime.clock.now());
  const fits = secrets.map((secret) => isSameSecret(proof, appSecretProof(secret, text)));
  return fits.includes(true) ? found : failWith('proof_invalid');
}

/** The token of a call; empty when it has none. */
export const tokenIn = (parameters: Parameters, authorization: string | undefined): string =>
  parameters.text('access_token') ?? bearerToken(authorization) ?? '';

/** What a token stands for at this moment, read anew at every call: what is lost is lost at once. */
export function identify(runtime: Runtime, text: string): Found {
  const { configuration, clock } = runtime;
  const [, id, secret] = APP_TOKEN.exec(text) ?? [];
  if (id !== undefined && secret !== undefined) {
    const app = appWith(runtime, id, secret);
    return app === null ? failWith('token_invalid') : { ok: true, kind: 'app', caller: { app, secret } };
  }
  const token = configuration.token(hashToken(text));
  const app = token === null ? null : configuration.app(token.app);
  if (token === null || token.kind === 'code' || app === null) return failWith('token_invalid');
  if (hasEnded(token, clock.now())) return failWith('token_expired');
  if (token.kind === 'page') return identifyPage(runtime, app, token);
  const person = configuration.current().people.find((each) => each.id === token.person);
  if (person === undefined) return failWith('token_invalid');
  if (!mayUse(app, person.id)) return failWith('app_in_development');
  return { ok: true, kind: 'user', caller: { app, person, token, text } };
}

/** `APP_ID|SECRET`, and as some clients encode it once too often. */
const APP_TOKEN = /^(\d{1,32})(?:\||%7c)(.+)$/i;

function identifyPage({ configuration }: Runtime, app: AppRecord, token: PageToken): Found {
  const page = configuration.page(token.page);
  if (page === null) return failWith('token_invalid');
  const tasks = tasksOf(configuration.pageRecord(page.id), token.person);
  // [A1] The token of somebody who has nothing to do on the page any more opens nothing.
  return tasks.length === 0
    ? failWith('task_missing', { task: 'MODERATE' })
    : { ok: true, kind: 'page', caller: { app, page, tasks, token } };
}

/** The app whose secret this is; null when it is another's, and in the same time when there is no such app. */
export function appWith(runtime: Runtime, id: string, secret: string): AppRecord | null {
  const known = parseAppId(id);
  const app = known === null ? null : runtime.configuration.app(known);
  const secrets = app === null ? [''] : secretsOf(app, runtime.clock.now());
  const fits = secrets.map((each) => isSameSecret(secret, each));
  return fits.includes(true) ? app : null;
}

/** [A1, A5] Whether a caller who was let in still has its token, and every task that it had. */
export function stillHolds({ configuration, clock }: Runtime, { page, tasks, token }: Caller): boolean {
  const known = configuration.token(token.hash);
  if (known === null || hasEnded(known, clock.now())) return false;
  const left = tasksOf(configuration.pageRecord(page.id), token.person);
  return tasks.every((task) => left.includes(task));
}

/** [A2] What of an app on a page is allowed by the person behind a token, and by the page if the app has ever been there. */
export function allowedTo(
  { configuration }: Runtime,
  { app, page, scopes }: PageToken,
): readonly Permission[] {
  const { connections } = configuration.current();
  const allowed = connections.find((each) => each.page === page && each.app === app)?.permissions ?? scopes;
  return scopes.filter((scope) => allowed.includes(scope));
}

/** [A1] Whether a path names the page of a Page token. */
export const isOwnPage = ({ page }: { readonly page: { readonly id: PageId } }, node: string): boolean =>
  node === 'me' || node === page.id;
