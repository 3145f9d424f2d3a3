/** A server that is killed over and over under load, and what must be true of it afterwards. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Endpoint, type Heard, openEndpoint } from './endpoint.ts';
import { type ServerProcess, startServer } from './process.ts';
import { type Driver, driverOf } from './sandbox.ts';

export type SoakOptions = {
  readonly rounds: number;
  /** Customers who write at the same time. */
  readonly writers: number;
  /** Accepted messages after which a round ends. */
  readonly messagesPerRound: number;
  /** How a round ends: `kill` is SIGKILL and a new start; `freeze` stops the process while the clock goes on. */
  readonly end: 'kill' | 'freeze';
};

export type SoakFigures = { readonly accepted: number; readonly refused: number; readonly heard: number };

const PAGE = '1001';
const APPS = ['2001', '2002'] as const;
const FIELDS = ['messages', 'messaging_handovers', 'message_echoes', 'standby'];

/** Runs it, checks everything, and answers with figures. */
export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-soak-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const endpoints: Endpoint[] = [];
  for (const app of APPS) {
    endpoints.push(stack.use(await openEndpoint({ secret: `secret-${app}`, verifyToken: 'verify' })));
  }
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(worldOf(endpoints.map(({ url }) => url))));
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];
  const psids = Array.from({ length: options.writers }, (_, index) => String(700_000 + index));
  const accepted = new Map(psids.map((psid): [string, string[]] => [psid, []]));
  const figures = { accepted: 0, refused: 0 };

  let server = await startServer(args);
  stack.defer(async () => void (await server.end('SIGKILL')));
  for (let round = 0; round < options.rounds; round++) {
    const counts = await load(server, accepted, options);
    figures.accepted += counts.accepted;
    figures.refused += counts.refused;
    if (options.end === 'kill') server = await startServer(args);
  }
  const driver = driverOf(server.url);
  await driver.sandbox('POST', '/settle');
  await driver.sandbox('POST', '/clock', { advance_ms: 3_600_000 / 2 });
  for (const psid of psids) await check(driver, { psid, mids: accepted.get(psid) ?? [], endpoints, options });
  assert.equal(
    endpoints.reduce((sum, endpoint) => sum + endpoint.forged(), 0),
    0,
    'a signature was wrong',
  );
  return { ...figures, heard: endpoints.reduce((sum, { heard }) => sum + heard.length, 0) };
}

/** Writers until enough has been accepted; then the end of the round, in the middle of what they do. */
async function load(
  server: ServerProcess,
  accepted: ReadonlyMap<string, string[]>,
  { messagesPerRound, end }: SoakOptions,
): Promise<{ readonly accepted: number; readonly refused: number }> {
  const driver = driverOf(server.url);
  const enough = Promise.withResolvers<void>();
  const counts = { accepted: 0, refused: 0 };
  let isOver = false;
  async function write(psid: string, mids: string[]): Promise<void> {
    for (let turn = 0; !isOver; turn++) {
      const said = await driver
        .sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: `number ${mids.length}` })
        .catch(() => null);
      if (said === null) return;
      mids.push(String(said['message_id']));
      counts.accepted += 1;
      if (counts.accepted >= messagesPerRound) enough.resolve();
      const app = APPS[turn % APPS.length] ?? APPS[0];
      const edge = turn % 3 === 0 ? 'release_thread_control' : 'take_thread_control';
      const answer = await driver
        .graph('POST', `/me/${edge}`, { token: `token-${app}`, body: { recipient: { id: psid } } })
        .catch(() => null);
      if (answer === null) return;
      if (answer.status !== 200) counts.refused += 1;
    }
  }
  const writers = [...accepted].map(([psid, mids]) => write(psid, mids));
  await enough.promise;
  if (end === 'kill') await server.end('SIGKILL');
  else await freeze(server, driver);
  isOver = true;
  await Promise.all(writers);
  return counts;
}

/** Stops the process while its leases run out on the machine's clock, and lets it go on. */
async function freeze(server: ServerProcess, driver: Driver): Promise<void> {
  server.child.kill('SIGSTOP');
  const advancing = driver.sandbox('POST', '/clock', { advance_ms: 8 * 86_400_000 });
  server.child.kill('SIGCONT');
  await advancing;
}

type Checked = {
  readonly psid: string;
  readonly mids: readonly string[];
  readonly endpoints: readonly Endpoint[];
  readonly options: SoakOptions;
};

type Line = { readonly previous_owner_app_id: string | null; readonly new_owner_app_id: string | null };

async function check(driver: Driver, { psid, mids, endpoints, options }: Checked): Promise<void> {
  const screen = await driver.sandbox('GET', `/pages/${PAGE}/customers/${psid}/screen`);
  const kept = (screen['messages'] as readonly { readonly mid: string }[]).map(({ mid }) => mid);
  assert.equal(new Set(kept).size, kept.length, `customer ${psid} sees a message twice`);
  const missing = mids.filter((mid) => !kept.includes(mid));
  assert.deepEqual(missing, [], `customer ${psid} has lost what was accepted`);
  const unanswered = kept.length - mids.length;
  assert.ok(unanswered <= options.rounds, `${unanswered} messages of ${psid} were never answered`);

  const { history } = await driver.sandbox('GET', `/pages/${PAGE}/threads/${psid}/history`);
  let owner: string | null = null;
  for (const line of history as readonly Line[]) {
    assert.equal(line.previous_owner_app_id, owner, `the history of ${psid} has two owners`);
    owner = line.new_owner_app_id;
  }
  for (const { url, heard } of endpoints) {
    const lane = heard.filter(({ item }) => senderOf(item) === psid);
    const numbers = [...new Set(lane.map(({ item }) => Number(item['lane_seq'])))];
    const expected = numbers.map((_, index) => index + 1);
    assert.deepEqual(numbers, expected, `${url} hears ${psid} out of order`);
    const told = new Set(
      lane.map(({ item }) => (item['message'] as { readonly mid?: string } | undefined)?.mid),
    );
    assert.deepEqual(
      mids.filter((mid) => !told.has(mid)),
      [],
      `${url} was not told of everything`,
    );
  }
}

const senderOf = (item: Heard['item']): string | undefined =>
  (item['sender'] as { readonly id: string } | undefined)?.id;

const worldOf = (urls: readonly string[]): unknown => ({
  people: [{ id: '9001', name: 'Ana' }],
  pages: [
    {
      id: PAGE,
      name: 'Kopi Senja',
      primary_receiver: APPS[0],
      people: [{ id: '9001', tasks: ['MODERATE', 'MESSAGING'] }],
    },
  ],
  apps: APPS.map((id, index) => ({
    id,
    name: `App ${id}`,
    secret: `secret-${id}`,
    webhook: { object: 'page', callback_url: urls[index], verify_token: 'verify', fields: FIELDS },
    pages: [{ id: PAGE, person: '9001', access_token: `token-${id}`, subscribed_fields: FIELDS }],
  })),
});
