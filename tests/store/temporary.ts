import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of its own for one test, taken away with all that is in it. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { readonly file: (name: string) => string }
> {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-'));
  return {
    file: (name) => path.join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
