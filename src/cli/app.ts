/** `baton app …`: by verb; here, how an app's webhooks are doing, and sending again (W8). */

import { createApp, setApp, setLive, setPermissions, setRole } from './app-change.ts';
import { reviewApp } from './app-review.ts';
import { rotateSecret } from './app-rotate-secret.ts';
import { listApps, showApp } from './app-show.ts';
import { stateOf } from './subscription.ts';
import { readCall, usage, when } from './usage.ts';

const VERBS: ReadonlyMap<string, (args: readonly string[]) => Promise<number>> = new Map([
  ['list', listApps],
  ['show', showApp],
  ['create', createApp],
  ['live', setLive],
  ['set', setApp],
  ['role', setRole],
  ['permissions', setPermissions],
  ['review', reviewApp],
  ['rotate-secret', rotateSecret],
  ['deliveries', deliveries],
  ['resend', resend],
  ['on', switchOn],
]);

export async function appCommand(args: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = args;
  const run = VERBS.get(verb);
  return run === undefined ? usage('app', `takes one of ${[...VERBS.keys()].join(', ')}`) : run(rest);
}

async function deliveries(args: readonly string[]): Promise<number> {
  const call = readCall('app deliveries', args, { takes: ['an app'] });
  if (call === null) return 2;
  const report = await call.ask('GET', `/admin/apps/${call.names[0]}/deliveries`);
  process.stdout.write(describe(report as Report));
  return 0;
}

async function switchOn(args: readonly string[]): Promise<number> {
  const call = readCall('app on', args, { takes: ['an app'] });
  if (call === null) return 2;
  const [app] = call.names;
  const { switched_on: switched } = await call.ask('POST', `/admin/apps/${app}/switch_on`);
  process.stdout.write(
    switched === 0
      ? `The webhooks of app ${app} were not switched off. How they are doing: baton app deliveries ${app}\n`
      : `The webhooks of app ${app} are on. What it missed: baton app resend ${app} --missed\n`,
  );
  return 0;
}

async function resend(args: readonly string[]): Promise<number> {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const;
  const options = { event: text, since: text, missed: flag, 'set-aside': flag };
  const call = readCall('app resend', args, { takes: ['an app'], options });
  if (call === null) return 2;
  const { read } = call;
  const [app] = call.names;
  const [event, since] = [read.text('event'), read.text('since')];
  const at = since === null ? null : Date.parse(since);
  if (at !== null && Number.isNaN(at))
    return usage('app resend', '--since must be a date such as 2026-01-31T08:00Z');
  const wanted = [
    event === null ? null : { event_id: event },
    at === null ? null : { since: at },
    read.flag('missed') ? { missed: true } : null,
    read.flag('set-aside') ? { set_aside: true } : null,
  ].filter((each) => each !== null);
  if (wanted.length !== 1)
    return usage('app resend', 'takes one of --event, --since, --missed and --set-aside');
  const { queued } = await call.ask('POST', `/admin/apps/${app}/resend`, wanted[0]);
  process.stdout.write(`${queued} events will be sent to app ${app} again\n`);
  return 0;
}

type Report = {
  readonly app_id: string;
  readonly name: string;
  readonly webhooks: readonly {
    readonly object: string;
    readonly callback_url: string;
    readonly verified_at: number | null;
    readonly warned_at: number | null;
    readonly switched_off_at: number | null;
  }[];
  readonly waiting: number;
  readonly set_aside: readonly { readonly event_id: string; readonly at: number; readonly reason: string }[];
  readonly attempts: readonly {
    readonly event_id: string;
    readonly at: number;
    readonly status: number | null;
    readonly error: string | null;
    readonly duration_ms: number;
  }[];
};

function describe(report: Report): string {
  const lines = [`${report.name} (${report.app_id})`];
  for (const { object, callback_url, verified_at, warned_at, switched_off_at } of report.webhooks) {
    lines.push(`Webhook  ${object}: ${callback_url}`);
    lines.push(`State    ${stateOf({ verified_at, warned_at, switched_off_at })}`);
  }
  lines.push(`Waiting  ${report.waiting}`);
  if (report.set_aside.length > 0) lines.push('', 'Set aside, latest first');
  for (const { event_id, at, reason } of report.set_aside)
    lines.push(`  ${when(at)}  ${event_id}  ${reason}`);
  lines.push('', 'Attempts, latest first', ...(report.attempts.length === 0 ? ['  none yet'] : []));
  for (const { event_id, at, status, error, duration_ms } of report.attempts) {
    lines.push(
      `  ${when(at)}  ${event_id}  ${status ?? '-'}  ${Math.round(duration_ms)} ms  ${error ?? 'ok'}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
