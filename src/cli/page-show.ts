/** `baton page list` and `baton page show <page>`: what the pages are, and who is on them. */

import { PERMISSION_NAMES } from '../store/config.ts';
import { type FindingShown, findingsBelow } from './findings.ts';
import { plural, readCall } from './usage.ts';

type Lead = { readonly primary_receiver: string | null; readonly default_app: string | null };
type Summary = Lead & {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly mode: string;
  readonly apps: number;
  readonly people: number;
};

export async function listPages(args: readonly string[]): Promise<number> {
  const call = readCall('page list', args, { takes: [] });
  if (call === null) return 2;
  const { data } = (await call.ask('GET', '/admin/pages')) as { readonly data: readonly Summary[] };
  const lines = data.map(({ id, name, platform, mode, apps, ...lead }) => {
    const first = lead.primary_receiver ?? lead.default_app;
    const parts = [id, platform, mode, plural(apps, 'app') ?? 'no app', first ?? 'nobody', name];
    return `${parts.map((part, index) => part.padEnd(WIDTHS[index] ?? 0)).join('  ')}\n`;
  });
  const head = `${HEADS.map((part, index) => part.padEnd(WIDTHS[index] ?? 0)).join('  ')}\n`;
  process.stdout.write(lines.length === 0 ? 'There are no pages.\n' : head + lines.join(''));
  return 0;
}

const HEADS = ['page', 'platform', 'mode', 'connected', 'answers first', 'name'];
const WIDTHS = [15, 9, 20, 9, 16, 0];

export type PageShown = Lead & {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly mode: string;
  readonly inbox: string;
  readonly idle_channel: string | null;
  readonly retention_days: number | null;
  readonly people: readonly {
    readonly person: string;
    readonly name: string;
    readonly tasks: readonly string[];
  }[];
  readonly apps: readonly (ConnectionShown & { readonly id: string; readonly name: string })[];
  readonly entry_points: readonly {
    readonly ad_id?: string;
    readonly ref?: string;
    readonly app: string;
    readonly expiration_days: number;
  }[];
  readonly profile: readonly { readonly part: string; readonly app: string }[];
  readonly findings?: readonly FindingShown[];
};

/** What an app may do on a page, and what it hears. */
export type ConnectionShown = {
  readonly subscribed: boolean;
  readonly subscribed_fields: readonly string[];
  readonly permissions: readonly string[];
  readonly take_control: boolean;
  readonly standby_access: boolean;
};

export async function showPage(args: readonly string[]): Promise<number> {
  const call = readCall('page show', args, { takes: ['a page'] });
  if (call === null) return 2;
  process.stdout.write(describePage((await call.ask('GET', `/admin/pages/${call.names[0]}`)) as PageShown));
  return 0;
}

export function describePage(page: PageShown): string {
  const isRouted = page.mode === 'conversation_routing';
  const lead = page.primary_receiver ?? page.default_app;
  const lines = [
    `${page.name} (${page.id})`,
    `Platform   ${page.platform}`,
    `Mode       ${page.mode}`,
    `${isRouted ? 'Default  ' : 'Primary  '}  ${lead === null ? 'nobody answers first' : nameIn(page, lead)}`,
    `Idle       ${page.idle_channel ?? 'as by default: standby; messaging where one single app is connected'}`,
    `Texts      ${page.retention_days === null ? 'are kept' : `are blanked after ${plural(page.retention_days, 'day')}`}`,
    '',
    'Apps',
    ...orNone(page.apps.flatMap((app) => [`  ${app.name} (${app.id})`, ...describeConnection(page, app)])),
    '',
    'People',
    ...orNone(page.people.map(({ person, name, tasks }) => `  ${name} (${person})  ${tasks.join(', ')}`)),
    '',
    'Entry points',
    ...orNone(
      page.entry_points.map(({ ad_id, ref, app, expiration_days: days }) => {
        const what = ad_id === undefined ? `link ${ref}` : `ad ${ad_id}`;
        return `  ${what}  leads to ${nameIn(page, app)} for ${plural(days, 'day')}`;
      }),
    ),
  ];
  if (page.profile.length > 0) lines.push('', 'Profile');
  for (const { part, app } of page.profile) lines.push(`  ${part}  made by ${nameIn(page, app)}`);
  return `${[...lines, ...findingsBelow(page.findings)].join('\n')}\n`;
}

/** Rights under R3 are told where they count. */
export function describeConnection(
  { mode }: { readonly mode: string | null },
  connection: ConnectionShown,
): readonly string[] {
  if (!connection.subscribed) return ['    has left'];
  const rights = [
    ...(connection.take_control ? [] : ['take control of conversations']),
    ...(connection.standby_access ? [] : ['access the standby channel']),
  ];
  const lacks = mode === 'handover' || rights.length === 0 ? [] : [`    may not  ${rights.join(', ')}`];
  return [
    `    hears    ${connection.subscribed_fields.join(', ')}`,
    `    allowed  ${allowedIn(connection)}`,
    ...lacks,
  ];
}

function allowedIn({ permissions }: ConnectionShown): string {
  if (permissions.length === PERMISSION_NAMES.length) return 'everything';
  return permissions.length === 0 ? 'nothing' : permissions.join(', ');
}

function nameIn({ apps, inbox }: PageShown, id: string): string {
  if (id === inbox) return `the inbox (${id})`;
  const app = apps.find((each) => each.id === id);
  return app === undefined ? id : `${app.name} (${id})`;
}

const orNone = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['  none'] : lines);
