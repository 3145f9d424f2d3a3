/** `baton app list` and `baton app show <app>`: what the apps are, without their secrets. */

import { type FindingShown, findingsBelow } from './findings.ts';
import { readCall, when } from './usage.ts';

export type AppShown = {
  readonly id: string;
  readonly name: string;
  readonly live: boolean;
  readonly advanced_access: readonly string[];
  readonly testers: readonly string[];
  readonly roles: readonly { readonly person: string; readonly role: string }[];
  readonly redirect_uris: readonly string[];
  readonly previous_secret_until: number | null;
  readonly pages: readonly {
    readonly id: string;
    readonly subscribed: boolean;
    readonly permissions: readonly string[];
    readonly lacks: readonly string[];
  }[];
  readonly reviews: readonly {
    readonly id: string;
    readonly feature: string;
    readonly note: string;
    readonly asked_at: number;
    readonly granted: boolean | null;
    readonly reason: string | null;
    readonly decided_at: number | null;
  }[];
  readonly findings?: readonly FindingShown[];
};

export async function listApps(args: readonly string[]): Promise<number> {
  const call = readCall('app list', args, { takes: [] });
  if (call === null) return 2;
  const { data } = (await call.ask('GET', '/admin/apps')) as { readonly data: readonly AppShown[] };
  const lines = data.map(({ id, name, live, reviews }) => {
    const open = reviews.filter(({ granted }) => granted === null).length;
    const waits = open === 0 ? '' : `  ${open} to review`;
    return `${id}  ${live ? 'live       ' : 'development'}  ${name}${waits}\n`;
  });
  process.stdout.write(lines.length === 0 ? 'There are no apps.\n' : lines.join(''));
  return 0;
}

export async function showApp(args: readonly string[]): Promise<number> {
  const call = readCall('app show', args, { takes: ['an app'] });
  if (call === null) return 2;
  process.stdout.write(describeApp((await call.ask('GET', `/admin/apps/${call.names[0]}`)) as AppShown));
  return 0;
}

const orNone = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : texts.join(', '));

export function describeApp(app: AppShown): string {
  const until = app.previous_secret_until;
  const lines = [
    `${app.name} (${app.id})`,
    `State      ${app.live ? 'live' : 'in development: only people and customers with a role'}`,
    `Features   ${orNone(app.advanced_access)}`,
    `Roles      ${orNone(app.roles.map(({ person, role }) => `${person} ${role}`))}`,
    `Testers    ${orNone(app.testers)}`,
    `Goes back  ${orNone(app.redirect_uris)}`,
    ...(until === null ? [] : [`Secret     the one before is good until ${when(until)}`]),
  ];
  lines.push('', 'Pages', ...(app.pages.length === 0 ? ['  none'] : []));
  for (const { id, subscribed, permissions } of app.pages)
    lines.push(`  ${id}  ${subscribed ? 'subscribed' : 'has left'}  ${orNone(permissions)}`);
  if (app.reviews.length > 0) lines.push('', 'App Review');
  for (const review of app.reviews) lines.push(...describeReview(review));
  return `${[...lines, ...findingsBelow(app.findings)].join('\n')}\n`;
}

function describeReview(review: AppShown['reviews'][number]): readonly string[] {
  const { feature, note, asked_at, granted, reason, decided_at } = review;
  const state = granted === null ? 'open' : `${granted ? 'granted' : 'rejected'} ${when(decided_at ?? 0)}`;
  return [
    `  ${when(asked_at)}  ${feature}  ${state}`,
    ...(note === '' ? [] : [`    asks: ${note}`]),
    ...(reason === null || reason === '' ? [] : [`    decided: ${reason}`]),
  ];
}
