/** A folder in which somebody has installed the package, with nothing from the network. */

import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const NODE_FOLDER = path.dirname(process.execPath);
const run = promisify(execFile);

export type Installed = AsyncDisposable & {
  readonly folder: string;
  /** The names in the tarball, without `package/`. */
  readonly names: readonly string[];
  readonly tarballBytes: number;
  /** Runs a command in the folder; its output. Rejects when it fails. */
  run(command: string, args: readonly string[]): Promise<string>;
};

type Locked = {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  /** Of a workspace, which is for development. */
  readonly link?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
};

/**
 * Packs the checkout and installs the tarball. npm would fetch the production dependencies; here those of the checkout
 * lie in the folder beforehand, so that npm finds them good and fetches nothing: it is told to be offline, and its cache
 * is empty. What is for development only is not there.
 */
export async function installPackage(): Promise<Installed> {
  const folder = mkdtempSync(path.join(tmpdir(), 'baton-package-'));
  const env = {
    ...outsideOfNpm(),
    PATH: `${NODE_FOLDER}:${process.env['PATH']}`,
    npm_config_cache: path.join(folder, 'cache'),
  };
  const runIn = async (cwd: string, command: string, args: readonly string[]): Promise<string> =>
    (await run(command, args, { cwd, env })).stdout;

  const packed = await runIn(ROOT, 'npm', ['pack', '--json', '--silent', '--pack-destination', folder]);
  const [about] = JSON.parse(packed.slice(packed.indexOf('['))) as [Packed];
  copyDependencies(folder);
  writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await runIn(folder, 'npm', ['install', `./${about.filename}`, '--offline', '--no-audit', '--no-fund']);
  return {
    folder,
    names: about.files.map((file) => file.path),
    tarballBytes: about.size,
    run: (command, args) => runIn(folder, command, args),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

type Packed = {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
};

/** `npm test` tells the npm within it where it is by its environment: here that is elsewhere. */
const outsideOfNpm = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

/** With the links in `.bin`: npm would take a package without them for a broken one. */
function copyDependencies(folder: string): void {
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const bins = path.join(folder, 'node_modules/.bin');
  mkdirSync(bins, { recursive: true });
  for (const [place, { dev, devOptional, link, bin = {} }] of Object.entries(lock.packages)) {
    const isNested = place.lastIndexOf('node_modules/') > 0;
    const from = path.join(ROOT, place);
    const isOfPackage = place.startsWith('node_modules/') && link !== true && !isNested;
    if (!isOfPackage || dev === true || devOptional === true || !existsSync(from)) continue;
    cpSync(from, path.join(folder, place), { recursive: true, dereference: true });
    for (const [name, file] of Object.entries(bin)) {
      symlinkSync(path.join('..', path.relative('node_modules', place), file), path.join(bins, name));
    }
  }
}
