/** `baton app create`, `live`, `set`, `role` and `permissions`: what an app is, and who may use it. */

import { type AppShown, describeApp } from './app-show.ts';
import { listOf, readCall, usage } from './usage.ts';

const TEXTS = { type: 'string', multiple: true } as const;

/** `baton app create <name>` */
export async function createApp(args: readonly string[]): Promise<number> {
  const options = { id: { type: 'string' }, 'redirect-uri': TEXTS } as const;
  const call = readCall('app create', args, { takes: ['a name'], options });
  if (call === null) return 2;
  const id = call.read.text('id');
  const made = await call.ask('POST', '/admin/apps', {
    ...(id === null ? {} : { id }),
    name: call.read.positionals[0],
    redirect_uris: call.read.texts('redirect-uri'),
  });
  const { id: app, secret } = made as { readonly id: string; readonly secret: string };
  process.stdout.write(
    `App ${app} is made, in development.\nSecret: ${secret}\nIt is shown this once; another: baton app rotate-secret ${app}\n`,
  );
  return 0;
}

/** `baton app live <app> on|off` */
export async function setLive(args: readonly string[]): Promise<number> {
  const call = readCall('app live', args, { takes: ['an app', 'on or off'] });
  if (call === null) return 2;
  const [app, state] = call.names;
  if (state !== 'on' && state !== 'off') return usage('app live', 'takes an app and on or off');
  return tell(await call.ask('POST', `/admin/apps/${app}`, { live: state === 'on' }));
}

/** `baton app set <app> [--name …] [--testers …] [--redirect-uri …]`: each list as it shall be. */
export async function setApp(args: readonly string[]): Promise<number> {
  const options = { name: { type: 'string' }, testers: TEXTS, 'redirect-uri': TEXTS } as const;
  const call = readCall('app set', args, { takes: ['an app'], options });
  if (call === null) return 2;
  const { read } = call;
  const name = read.text('name');
  const uris = read.texts('redirect-uri').filter((uri) => uri !== '');
  const body = {
    ...(name === null ? {} : { name }),
    ...(read.texts('testers').length === 0 ? {} : { testers: listOf(read, 'testers') }),
    ...(read.texts('redirect-uri').length === 0 ? {} : { redirect_uris: uris }),
  };
  if (Object.keys(body).length === 0) return usage('app set', 'takes --name, --testers or --redirect-uri');
  return tell(await call.ask('POST', `/admin/apps/${call.names[0]}`, body));
}

/** `baton app role <app> <person> admin|developer|tester|none` */
export async function setRole(args: readonly string[]): Promise<number> {
  const call = readCall('app role', args, { takes: ['an app', 'a person', 'a role (or none)'] });
  if (call === null) return 2;
  const [app, person, role] = call.names;
  const body = { role: role === 'none' ? null : role };
  return tell(await call.ask('POST', `/admin/apps/${app}/roles/${person}`, body));
}

/** `baton app permissions <app> <page> --set pages_messaging,…`: an empty text takes all away. */
export async function setPermissions(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { set: TEXTS, 'take-control': text, 'standby-access': text };
  const call = readCall('app permissions', args, { takes: ['an app', 'a page'], options });
  if (call === null) return 2;
  const { read } = call;
  const rights = (['take-control', 'standby-access'] as const).map(
    (name) => [name, read.text(name)] as const,
  );
  const wrong = rights.find(([, state]) => state !== null && state !== 'on' && state !== 'off');
  if (wrong !== undefined) return usage('app permissions', `--${wrong[0]} must be on or off`);
  const body = {
    ...(read.texts('set').length === 0 ? {} : { permissions: listOf(read, 'set') }),
    ...Object.fromEntries(
      rights.flatMap(([name, state]) => (state === null ? [] : [[name.replace('-', '_'), state === 'on']])),
    ),
  };
  if (Object.keys(body).length === 0)
    return usage('app permissions', 'takes --set, a list of permissions, --take-control or --standby-access');
  const [app, page] = call.names;
  return tell(await call.ask('POST', `/admin/apps/${app}/pages/${page}`, body));
}

function tell(answer: unknown): number {
  process.stdout.write(describeApp(answer as AppShown));
  return 0;
}
