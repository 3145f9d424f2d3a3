/** The configuration that a world would make in an empty store: to be looked at, not to be served. */

import type { Instant } from '../../protocol/time.ts';
import type { Config } from '../../store/config.ts';
import { planChange } from '../plan.ts';
import { type WorldText, wantedBy } from './load.ts';
import type { WorldOptions } from './parse.ts';

const EMPTY: Config = {
  version: 0,
  people: [],
  pages: [],
  apps: [],
  webhooks: [],
  connections: [],
  tokens: [],
  personas: [],
  profile: [],
  reviews: [],
};

export async function previewWorld(
  { world }: WorldText,
  options: WorldOptions & { readonly now: Instant },
): Promise<Config> {
  const wanted = await wantedBy(world, EMPTY, options);
  const change = await planChange(EMPTY, wanted, { now: options.now, era: null, load: async () => null });
  const rows = change?.put ?? [];
  return {
    ...EMPTY,
    people: rows.flatMap((row) => (row.kind === 'person' ? [row.value] : [])),
    pages: rows.flatMap((row) => (row.kind === 'page' ? [row.value] : [])),
    apps: rows.flatMap((row) => (row.kind === 'app' ? [row.value] : [])),
    webhooks: rows.flatMap((row) => (row.kind === 'webhook' ? [row.value] : [])),
    connections: rows.flatMap((row) => (row.kind === 'connection' ? [row.value] : [])),
    tokens: rows.flatMap((row) => (row.kind === 'token' ? [row.value] : [])),
  };
}
