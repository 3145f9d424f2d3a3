/** `baton app review <app> [--grant|--reject <feature>] [--reason …]`: App Review, decided by the operator (A3, A4). */

import { type AppShown, describeApp } from './app-show.ts';
import { readCall, usage } from './usage.ts';

export async function reviewApp(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { grant: text, reject: text, reason: text };
  const call = readCall('app review', args, { takes: ['an app'], options });
  if (call === null) return 2;
  const { read } = call;
  const [grant, reject] = [read.text('grant'), read.text('reject')];
  if (grant !== null && reject !== null) return usage('app review', 'takes one of --grant and --reject');
  const feature = grant ?? reject;
  if (feature === null && read.text('reason') !== null)
    return usage('app review', '--reason goes with --grant or --reject');
  const path = `/admin/apps/${call.names[0]}`;
  const body = { feature, granted: grant !== null, reason: read.text('reason') };
  const answer =
    feature === null ? await call.ask('GET', path) : await call.ask('POST', `${path}/reviews`, body);
  process.stdout.write(describeApp(answer as AppShown));
  return 0;
}
