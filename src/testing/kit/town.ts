/** The pages, apps and customers of a test: each is made when the test asks for it, and Baton is told of it. */

import { parsePageId, parsePsid } from '../../protocol/ids.ts';
import { loadWorld, readWorld } from '../../runtime/world/load.ts';
import type { AppOptions, CustomerOptions, EntryPoint, PageOptions, TestBaton } from '../kit.ts';
import type { Sandbox } from '../sandbox.ts';
import { type AppSettings, type Listening, listen, type TestApp } from './app.ts';
import type { Bell } from './bell.ts';
import { customerOf, type TestCustomer } from './customer.ts';
import { pageOf, type TestPage } from './page.ts';

type PageWorld = {
  readonly id: string;
  readonly name: string;
  readonly platform: 'messenger' | 'instagram';
  readonly people: readonly { readonly id: string }[];
  readonly mode: 'handover' | 'conversation_routing';
  readonly idle_channel?: 'messaging' | 'standby';
};
type AppWorld = { readonly id: string } & Readonly<Record<string, unknown>>;
/** A page as Baton was told of it. */
type Declared = {
  readonly world: PageWorld;
  readonly page: TestPage;
  primary: AppWorld | null;
  readonly entryPoints: { readonly app: AppWorld; readonly entry: EntryPoint }[];
};

/** What has been made so far. */
type Town = {
  readonly sandbox: Sandbox;
  readonly bell: Bell;
  readonly pages: Map<string, Declared>;
  readonly apps: Listening[];
  customers: number;
};

/** Stands behind every token, with every task on every page. */
const PERSON = { id: '9001', name: 'Ana' };
const FIRST_PAGE = 1_001;
const FIRST_APP = 2_001;
const FIRST_CUSTOMER = 5_001;

/** Makes them one after the other: each builds on what was told before. */
export function openTown(
  sandbox: Sandbox,
  bell: Bell,
): Pick<TestBaton, 'page' | 'app' | 'customer'> & { close(): Promise<void> } {
  const town: Town = { sandbox, bell, pages: new Map(), apps: [], customers: 0 };
  let latest: Promise<unknown> = Promise.resolve();

  function inTurn<Made>(make: () => Promise<Made>): Promise<Made> {
    const made = latest.then(make);
    latest = made.catch(() => undefined);
    return made;
  }

  return {
    page: (options = {}) => inTurn(async () => (await makePage(town, options)).page),
    app: (options = {}) => inTurn(() => makeApp(town, options)),
    customer: (options = {}) => inTurn(() => makeCustomer(town, options)),
    async close() {
      await Promise.all(town.apps.map((app) => app[Symbol.asyncDispose]()));
    },
  };
}

async function makePage(
  { sandbox, pages }: Town,
  { name, platform = 'messenger', mode = 'handover', idleChannel }: PageOptions,
): Promise<Declared> {
  const id = String(FIRST_PAGE + pages.size);
  const world: PageWorld = {
    id,
    name: name ?? `Page ${id}`,
    platform,
    mode,
    people: [{ id: PERSON.id }],
    ...(idleChannel && { idle_channel: idleChannel }),
  };
  await tell(sandbox, { people: [PERSON], pages: [world] });
  const declared: Declared = { world, page: pageOf(sandbox, id), primary: null, entryPoints: [] };
  pages.set(id, declared);
  return declared;
}

/** The page that is meant; the first one is made when it is needed. */
async function pageFor(town: Town, page: TestPage | undefined): Promise<Declared> {
  const [first] = town.pages.values();
  if (page === undefined) return first ?? makePage(town, {});
  const found = town.pages.get(page.id);
  if (found?.page !== page) throw new Error(`page ${page.id} is not of this Baton`);
  return found;
}

async function makeApp(town: Town, options: AppOptions): Promise<TestApp> {
  const { sandbox, bell, apps } = town;
  const { name, primary, entryPoints = [], fields, program } = options;
  const declared = await pageFor(town, options.page);
  const id = String(FIRST_APP + apps.length);
  const settings = settingsOf(sandbox.url, id);
  const listening = await listen({ settings, program: program ?? null, bell });
  apps.push(listening);
  const world = appWorld(listening, { name: name ?? `App ${id}`, page: declared.world, fields });
  if (primary === true) declared.primary = world;
  declared.entryPoints.push(...entryPoints.map((entry) => ({ app: world, entry })));
  // Whoever the page names has to be named itself.
  const named = [world, declared.primary, ...declared.entryPoints.map((each) => each.app)];
  await tell(sandbox, {
    people: [PERSON],
    pages: [pageWorld(declared)],
    apps: [...new Set(named)].filter((each) => each !== null),
  });
  await sandbox.sandbox('POST', '/settle');
  const { webhooks } = sandbox.runtime.configuration.current();
  const isVerified = webhooks.some((each) => each.app === id && each.verifiedAt !== null);
  if (!isVerified)
    throw new Error(
      `the program of app ${id} does not echo hub.challenge to whoever knows its verifyToken: it would hear nothing`,
    );
  return listening.app;
}

function pageWorld({ world, primary, entryPoints }: Declared): object {
  const first = world.mode === 'conversation_routing' ? 'default_app' : 'primary_receiver';
  return {
    ...world,
    ...(primary && { [first]: primary.id }),
    ...(entryPoints.length > 0 && { entry_points: entryPoints.map(entryWorld) }),
  };
}

const entryWorld = ({ app, entry }: Declared['entryPoints'][number]): object => ({
  ...('adId' in entry ? { ad_id: entry.adId } : { ref: entry.ref }),
  app: app.id,
  ...(entry.days !== undefined && { expiration_days: entry.days }),
});

async function makeCustomer(town: Town, { name, page }: CustomerOptions): Promise<TestCustomer> {
  const { sandbox, bell } = town;
  const { id: pageId } = (await pageFor(town, page)).page;
  const psid = String(FIRST_CUSTOMER + town.customers);
  town.customers += 1;
  await introduce(sandbox, { page: pageId, psid, name: name ?? `Customer ${psid}` });
  return customerOf({ driver: sandbox, pageId, psid, bell });
}

const settingsOf = (url: string, appId: string): AppSettings => ({
  url,
  appId,
  token: `token-${appId}`,
  secret: `secret-${appId}`,
  verifyToken: `verify-${appId}`,
});

function appWorld(
  { app, callbackUrl }: Listening,
  {
    name,
    page,
    fields,
  }: { readonly name: string; readonly page: PageWorld; readonly fields: AppOptions['fields'] },
): AppWorld {
  const { secret, verifyToken, token } = app.settings;
  const object = page.platform === 'instagram' ? 'instagram' : 'page';
  return {
    id: app.id,
    name,
    secret,
    webhook: { object, callback_url: callbackUrl, verify_token: verifyToken, ...(fields && { fields }) },
    pages: [
      { id: page.id, person: PERSON.id, access_token: token, ...(fields && { subscribed_fields: fields }) },
    ],
  };
}

/** Makes a customer known to a page. */
async function introduce(
  { runtime }: Sandbox,
  customer: { readonly page: string; readonly psid: string; readonly name: string },
): Promise<void> {
  const [page, psid] = [parsePageId(customer.page), parsePsid(customer.psid)];
  if (page === null || psid === null) throw new Error('a page and a customer need ids');
  await runtime.threads.handle({ page, psid }, { type: 'introduce', name: customer.name });
}

/** Tells Baton of more of its world; what is not named stays as it is. */
async function tell(sandbox: Sandbox, world: object): Promise<void> {
  const read = readWorld(JSON.stringify(world), { sandbox: true });
  const problems = read.ok ? await loadWorld(sandbox.runtime, read.world, { sandbox: true }) : read.problems;
  if (problems.length === 0) return;
  throw new Error(problems.map(({ path, message }) => `${path} ${message}`).join('; '));
}
