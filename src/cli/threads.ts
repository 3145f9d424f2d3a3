/** `baton threads <page>`: the conversations of a page and who has control, from the running server. */

import { readNumber } from './arguments.ts';
import type { PageShown } from './page-show.ts';
import { plural, readCall, usage, when } from './usage.ts';

type Line = {
  readonly psid: string;
  readonly owner_app_id: string | null;
  readonly expires_at: number | null;
  readonly folder: string;
  readonly open_requests: number;
  readonly held_surveys: number;
  readonly last_act_at: number | null;
};
type Part = { readonly data: readonly Line[]; readonly after: string | null };

const USUAL = '50';
/** As many as the server gives at once. */
const PART = 500;

export async function threadsCommand(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { owner: text, idle: { type: 'boolean' }, limit: text, after: text } as const;
  const call = readCall('threads', args, { takes: ['a page'], options });
  if (call === null) return 2;
  const { read } = call;
  const [owner, idle] = [read.text('owner'), read.flag('idle')];
  const limit = readNumber(read.text('limit') ?? USUAL, Number.MAX_SAFE_INTEGER);
  if (limit === null || limit === 0) return usage('threads', '--limit must be a whole number, 1 or more');
  if (owner !== null && idle) return usage('threads', 'takes one of --owner and --idle');
  const page = (await call.ask('GET', `/admin/pages/${call.names[0]}`)) as PageShown;
  const found: Line[] = [];
  let after = read.text('after');
  do {
    const query = new URLSearchParams({
      limit: String(Math.min(PART, limit - found.length)),
      ...(owner === null ? {} : { owner }),
      ...(idle ? { idle: 'true' } : {}),
      ...(after === null ? {} : { after }),
    });
    const part = (await call.ask('GET', `/admin/pages/${call.names[0]}/threads?${query}`)) as Part;
    found.push(...part.data);
    ({ after } = part);
  } while (after !== null && found.length < limit);
  const lines = found.map((line) => describe(page, line));
  if (found.length === 0) lines.push('There are no such conversations.');
  if (after !== null) lines.push(`There may be more: --after ${after}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function describe({ apps, inbox }: PageShown, line: Line): string {
  const { psid, owner_app_id: owner, expires_at: until, last_act_at: acted } = line;
  const name = owner === inbox ? 'the inbox' : apps.find(({ id }) => id === owner)?.name;
  const parts = [
    psid,
    owner === null ? 'idle' : `${name ?? 'app'} (${owner}) until ${until === null ? '' : when(until)}`,
    line.folder,
    acted === null ? 'has never written' : `last wrote ${when(acted)}`,
    ...(line.open_requests === 0 ? [] : [`${plural(line.open_requests, 'request')} open`]),
    ...(line.held_surveys === 0 ? [] : [`${plural(line.held_surveys, 'survey')} held`]),
  ];
  return parts.join('  ');
}
