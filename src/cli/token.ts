/** `baton token create|list|revoke`: access tokens, whose texts are shown once (A5). */

import type { Arguments } from './arguments.ts';
import { readCall, usage } from './usage.ts';

export async function tokenCommand(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === 'create') return create(rest);
  if (verb === 'list') return list(rest);
  if (verb === 'revoke') return revoke(rest);
  return usage('token', 'takes create, list or revoke');
}

const TEXT = { type: 'string' } as const;
const OWNERS = { app: TEXT, page: TEXT, person: TEXT };

/** Those of app, page and person that were given. */
const ownersIn = (read: Arguments): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(OWNERS).flatMap((name) => {
      const id = read.text(name);
      return id === null ? [] : [[name, id]];
    }),
  );

async function create(args: readonly string[]): Promise<number> {
  const call = readCall('token create', args, { takes: [], options: OWNERS });
  if (call === null) return 2;
  const owners = ownersIn(call.read);
  if (Object.keys(owners).length < 3) return usage('token create', 'takes --app, --page and --person');
  const { access_token, id } = await call.ask('POST', '/admin/tokens', owners);
  process.stdout.write(`${access_token}\nIt is shown this once; to revoke it: baton token revoke ${id}\n`);
  return 0;
}

type Shown = {
  readonly id: string;
  readonly kind: string;
  readonly app: string;
  readonly page: string | null;
  readonly person: string;
  readonly source: string;
  readonly given_by: string | null;
  readonly expires_at: number | null;
  readonly ended: boolean;
};

async function list(args: readonly string[]): Promise<number> {
  const call = readCall('token list', args, { takes: [], options: OWNERS });
  if (call === null) return 2;
  const query = new URLSearchParams(ownersIn(call.read));
  const { data } = (await call.ask('GET', `/admin/tokens?${query}`)) as { readonly data: readonly Shown[] };
  const lines = data.map(({ id, kind, app, page, person, source, given_by, expires_at, ended }) => {
    const from = given_by === null ? source : `${source} ${given_by}`;
    const end =
      expires_at === null
        ? 'until revoked'
        : `${ended ? 'ended' : 'until'} ${new Date(expires_at).toISOString()}`;
    return `${id}  ${kind}  app ${app}  ${page === null ? '' : `page ${page}  `}person ${person}  ${from}  ${end}\n`;
  });
  process.stdout.write(lines.length === 0 ? 'There are no such tokens.\n' : lines.join(''));
  return 0;
}

/** By id, as the list shows it, or all of an app, a page, a person. */
async function revoke(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  const hasId = first !== undefined && !first.startsWith('-');
  const call = readCall('token revoke', hasId ? rest : args, { takes: [], options: OWNERS });
  if (call === null) return 2;
  const body = { ...(hasId ? { id: first } : {}), ...ownersIn(call.read) };
  if (Object.keys(body).length === 0)
    return usage('token revoke', 'takes an id of baton token list, or --app, --page, --person');
  const { revoked } = await call.ask('POST', '/admin/tokens/revoke', body);
  process.stdout.write(`${revoked} tokens are worth nothing any more\n`);
  return revoked === 0 ? 1 : 0;
}
