/** `baton person list|set|tasks`: the people of the business and what they may do on pages (A1). */

import { readFileSync } from 'node:fs';
import { listOf, readCall, usage } from './usage.ts';

export async function personCommand(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === 'list') return list(rest);
  if (verb === 'set') return set(rest);
  if (verb === 'tasks') return tasks(rest);
  return usage('person', 'takes list, set or tasks');
}

type Shown = {
  readonly id: string;
  readonly name: string;
  readonly has_password: boolean;
  readonly pages: readonly {
    readonly id: string;
    readonly name: string;
    readonly tasks: readonly string[];
  }[];
};

async function list(args: readonly string[]): Promise<number> {
  const call = readCall('person list', args, { takes: [] });
  if (call === null) return 2;
  const { data } = (await call.ask('GET', '/admin/people')) as { readonly data: readonly Shown[] };
  process.stdout.write(data.length === 0 ? 'There are no people.\n' : data.map(describe).join(''));
  return 0;
}

/** The password is read from a file, so that it stands in no list of processes and no shell's history. */
async function set(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { name: text, 'password-file': text, 'no-password': { type: 'boolean' } } as const;
  const call = readCall('person set', args, { takes: ['a person'], options });
  if (call === null) return 2;
  const { read, names } = call;
  const [name, file] = [read.text('name'), read.text('password-file')];
  if (file !== null && read.flag('no-password'))
    return usage('person set', 'takes one of --password-file and --no-password');
  const password = file === null ? null : readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  const answer = await call.ask('POST', `/admin/people/${names[0]}`, {
    ...(name === null ? {} : { name }),
    ...(file === null && !read.flag('no-password') ? {} : { password }),
  });
  process.stdout.write(describe(answer as Shown));
  return 0;
}

async function tasks(args: readonly string[]): Promise<number> {
  const options = { set: { type: 'string', multiple: true } } as const;
  const call = readCall('person tasks', args, { takes: ['a person', 'a page'], options });
  if (call === null) return 2;
  if (call.read.texts('set').length === 0)
    return usage('person tasks', 'takes --set, a list of tasks; an empty text takes all away');
  const [person, page] = call.names;
  const path = `/admin/pages/${page}/people/${person}`;
  const answer = await call.ask('POST', path, { tasks: listOf(call.read, 'set') });
  process.stdout.write(describe(answer as Shown));
  return 0;
}

function describe({ id, name, has_password, pages }: Shown): string {
  const lines = [`${id}  ${name}${has_password ? '' : '  (no password: cannot sign in)'}`];
  for (const page of pages) lines.push(`  ${page.id} ${page.name}: ${page.tasks.join(', ')}`);
  return `${lines.join('\n')}\n`;
}
