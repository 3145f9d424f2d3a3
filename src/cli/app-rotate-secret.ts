/** `baton app rotate-secret <app> --grace 24h`: another secret, while the one before is good for a while yet. */

import { parseDurationMs } from './durations.ts';
import { readCall, usage } from './usage.ts';

const DEFAULT_GRACE = '24h';

export async function rotateSecret(args: readonly string[]): Promise<number> {
  const options = { grace: { type: 'string' } } as const;
  const call = readCall('app rotate-secret', args, { takes: ['an app'], options });
  if (call === null) return 2;
  const grace = call.read.text('grace') ?? DEFAULT_GRACE;
  const graceMs = parseDurationMs(grace);
  if (graceMs === null) return usage('app rotate-secret', '--grace must be a time such as 0, 30m, 24h or 7d');
  const path = `/admin/apps/${call.names[0]}/rotate_secret`;
  const { id, secret, previous_secret_until } = (await call.ask('POST', path, { grace_ms: graceMs })) as {
    readonly id: string;
    readonly secret: string;
    readonly previous_secret_until: number | null;
  };
  const old =
    previous_secret_until === null
      ? 'The one before is worth nothing any more.'
      : `The one before is good until ${new Date(previous_secret_until).toISOString()}.`;
  process.stdout.write(`New secret of app ${id}: ${secret}\nIt is shown this once. ${old}\n`);
  return 0;
}
