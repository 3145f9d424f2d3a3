/** 10,000 mutated requests. `BATON_FUZZ_SEED` repeats a run, `BATON_FUZZ_REQUESTS` makes it longer. */

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openApiDocument } from '../../src/http/docs/document.ts';
import { type Observer, silentObserver } from '../../src/observe/observer.ts';
import { openTown, type Town } from '../../src/testing/fuzz/town.ts';
import { fuzz, sendAsTheyAre } from '../../src/testing/fuzz.ts';

const REQUESTS = Number(process.env['BATON_FUZZ_REQUESTS'] ?? 10_000);
const SEED = Number(process.env['BATON_FUZZ_SEED'] ?? randomInt(2 ** 31));

/** A server whose faults are listed. */
async function openTested(
  isSandbox: boolean,
): Promise<AsyncDisposable & { readonly town: Town; readonly faults: readonly string[] }> {
  const data = await mkdtemp(path.join(tmpdir(), 'baton-fuzz-'));
  const faults: string[] = [];
  const observer: Observer = {
    ...silentObserver,
    fault: (where, error) =>
      void faults.push(`${where}: ${error instanceof Error ? error.stack : String(error)}`),
  };
  const town = await openTown({ isSandbox, data, observer });
  return {
    town,
    faults,
    async [Symbol.asyncDispose]() {
      await town[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}

for (const [name, isSandbox] of [
  ['a sandbox', true],
  ['a server in production', false],
] as const) {
  test(`every kind of request that is mutated is carried out by ${name} as it is`, async () => {
    await using tested = await openTested(isSandbox);
    const { names, unlike } = await sendAsTheyAre(tested.town);
    assert.deepEqual(unlike, []);
    const documented = Object.entries(openApiDocument({ isSandbox })['paths'] ?? {}).flatMap(
      ([target, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${target}`),
    );
    assert.deepEqual(
      documented.filter((each) => !names.includes(each)),
      [],
      'no request of these kinds is mutated',
    );
    assert.deepEqual(tested.faults, []);
  });

  test(`${name} refuses what is broken without a fault, stores nothing of it, and goes on`, async (context) => {
    context.diagnostic(`BATON_FUZZ_SEED=${SEED}`);
    await using tested = await openTested(isSandbox);
    const { sent, accepted, refused, unknown } = await fuzz(tested.town, {
      requests: REQUESTS / 2,
      seed: SEED,
    });
    context.diagnostic(`${sent} sent, ${accepted} accepted, ${refused} refused, ${unknown} cut off`);
    assert.ok(accepted > sent / 10, `only ${accepted} were accepted`);
    assert.ok(refused > sent / 4, `only ${refused} were refused`);
    assert.deepEqual(tested.faults, []);
  });
}
