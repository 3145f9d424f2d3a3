/** `baton page create`, `set`, `entry-point` and `customer`: what a page is, and who comes to it. */

import { readNumber } from './arguments.ts';
import { describePage, type PageShown } from './page-show.ts';
import { type Called, readCall, usage } from './usage.ts';

const TEXT = { type: 'string' } as const;
const SETTINGS = { 'idle-channel': TEXT, 'retention-days': TEXT } as const;

/** `baton page create <name> [--id …] [--platform …] [--mode …]` */
export async function createPage(args: readonly string[]): Promise<number> {
  const options = { id: TEXT, platform: TEXT, mode: TEXT, ...SETTINGS };
  const call = readCall('page create', args, { takes: ['a name'], options });
  if (call === null) return 2;
  const settings = settingsOf('page create', call);
  if (settings === null) return 2;
  const { read } = call;
  const body = {
    name: read.positionals[0],
    ...given('id', read.text('id')),
    ...given('platform', read.text('platform')),
    ...given('mode', read.text('mode')),
    ...settings,
  };
  return tell(await call.ask('POST', '/admin/pages', body));
}

/** `baton page set <page> [--name …] [--primary-receiver <app>|none] [--default-app <app>|inbox] …` */
export async function setPage(args: readonly string[]): Promise<number> {
  const options = { name: TEXT, 'primary-receiver': TEXT, 'default-app': TEXT, ...SETTINGS };
  const call = readCall('page set', args, { takes: ['a page'], options });
  if (call === null) return 2;
  const settings = settingsOf('page set', call);
  if (settings === null) return 2;
  const { read } = call;
  const body = {
    ...given('name', read.text('name')),
    ...given('primary_receiver', read.text('primary-receiver'), 'none'),
    ...given('default_app', read.text('default-app'), 'inbox'),
    ...settings,
  };
  if (Object.keys(body).length === 0)
    return usage(
      'page set',
      `takes one of ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(', ')}`,
    );
  return tell(await call.ask('POST', `/admin/pages/${call.names[0]}`, body));
}

/** `baton page entry-point <page> --ad <ad_id>|--ref <ref> --app <app> [--days 1] | --remove` */
export async function changeEntryPoint(args: readonly string[]): Promise<number> {
  const options = { ad: TEXT, ref: TEXT, app: TEXT, days: TEXT, remove: { type: 'boolean' } } as const;
  const call = readCall('page entry-point', args, { takes: ['a page'], options });
  if (call === null) return 2;
  const { read } = call;
  const [ad, ref, app, days] = [read.text('ad'), read.text('ref'), read.text('app'), read.text('days')];
  const isRemoval = read.flag('remove');
  if ((ad === null) === (ref === null)) return usage('page entry-point', 'takes one of --ad and --ref');
  if (isRemoval === (app !== null)) return usage('page entry-point', 'takes one of --app and --remove');
  const term = days === null ? null : readNumber(days, Number.MAX_SAFE_INTEGER);
  if (days !== null && term === null) return usage('page entry-point', '--days must be a whole number');
  const source = ad === null ? { ref: ref ?? '' } : { ad_id: ad };
  const path = `/admin/pages/${call.names[0]}/entry_points`;
  if (isRemoval) return tell(await call.ask('DELETE', `${path}?${new URLSearchParams(source)}`));
  const body = { ...source, app, ...(term === null ? {} : { expiration_days: term }) };
  return tell(await call.ask('POST', path, body));
}

/** `baton page customer <page> <psid> [--name …]`: apps can write to nobody whom the page does not know. */
export async function addCustomer(args: readonly string[]): Promise<number> {
  const call = readCall('page customer', args, { takes: ['a page', 'a psid'], options: { name: TEXT } });
  if (call === null) return 2;
  const [page, psid] = call.names;
  await call.ask('POST', `/admin/pages/${page}/threads/${psid}`, given('name', call.read.text('name')));
  process.stdout.write(`Page ${page} knows customer ${psid}: see baton thread ${page} ${psid}\n`);
  return 0;
}

type Given = Readonly<Record<string, string | null>>;

/** What an option says, if it was given. @param none the word that stands for nothing */
const given = (key: string, text: string | null, none?: string): Given =>
  text === null ? {} : { [key]: text === none ? null : text };

/** Null after a mistake has been told. */
function settingsOf(command: string, { read }: Called): Readonly<Record<string, unknown>> | null {
  const days = read.text('retention-days');
  const number = days === null || days === 'forever' ? null : readNumber(days, Number.MAX_SAFE_INTEGER);
  if (days !== null && days !== 'forever' && number === null) {
    usage(command, '--retention-days must be a number of days, or forever');
    return null;
  }
  return {
    ...given('idle_channel', read.text('idle-channel'), 'default'),
    ...(days === null ? {} : { retention_days: number }),
  };
}

function tell(answer: unknown): number {
  process.stdout.write(describePage(answer as PageShown));
  return 0;
}
