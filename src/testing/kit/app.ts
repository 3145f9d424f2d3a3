/** An app of the test: it listens over real HTTP, and it can call. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '../../sdk/client.ts';
import { createClient } from '../../sdk/client.ts';
import type { EventKind, EventSource, WebhookEvent } from '../../sdk/events.ts';
import { nodeListener } from '../../sdk/node.ts';
import { createReceiver, type Receiver } from '../../sdk/receiver.ts';
import type { Bell } from './bell.ts';

/** What a program needs to know in order to be this app. */
export type AppSettings = {
  /** Where Baton is. */
  readonly url: string;
  readonly appId: string;
  /** A Page access token for the app's page. */
  readonly token: string;
  readonly secret: string;
  readonly verifyToken: string;
};

/** The program under test: what answers its webhooks, such as a `Receiver` of `baton/sdk`. */
export type Program = (settings: AppSettings) => Pick<Receiver, 'handle'>;

/** An event of one kind. */
export type EventOf<Kind extends EventKind> = Extract<WebhookEvent, { readonly kind: Kind }>;

/** Which event is wanted; everything may be left out. */
export type NextOptions<Kind extends EventKind = EventKind> = {
  /** Only on this channel. */
  readonly channel?: WebhookEvent['channel'] | undefined;
  /** Only of this customer. */
  readonly psid?: string | undefined;
  /** Only such as this is true of. */
  readonly where?: ((event: EventOf<Kind>) => boolean) | undefined;
  /** How long to wait, in milliseconds: 5,000 unless told otherwise. */
  readonly timeoutMs?: number | undefined;
};

/** An app of the test. */
export type TestApp = {
  readonly id: string;
  readonly settings: AppSettings;
  /** Calls as this app. */
  readonly client: Client;
  /** Tells of what arrives: the `receiver` of a client of your own. */
  readonly events: EventSource;
  /** Everything that was delivered and taken, in order of arrival, each event once. */
  readonly heard: readonly WebhookEvent[];
  /**
   * The first event of a kind that no `next` has given before; waits for it. Rejects when none comes in time, and tells
   * what came instead.
   */
  next<Kind extends EventKind>(kind: Kind, options?: NextOptions<Kind>): Promise<EventOf<Kind>>;
  /** From now on deliveries are answered with this status and not taken; 200: they are taken again. */
  answerWith(status: number): void;
};

/** The app's endpoint, before Baton knows of it. */
export type Listening = AsyncDisposable & {
  readonly callbackUrl: string;
  readonly app: TestApp;
};

export type ListenOptions = {
  readonly settings: AppSettings;
  readonly program: Program | null;
  readonly bell: Bell;
};

export async function listen({ settings, program, bell }: ListenOptions): Promise<Listening> {
  const heard: WebhookEvent[] = [];
  const ears = createReceiver({
    ...settings,
    onEvent(event) {
      heard.push(event);
      bell.ring();
    },
  });
  const running = program?.(settings) ?? null;
  let status = 200;

  async function handle(request: Request): Promise<Response> {
    if (status !== 200) return new Response('', { status });
    if (running === null) return ears.handle(request);
    const copy = request.clone();
    const answer = await running.handle(request);
    if (answer.ok && request.method === 'POST') await ears.handle(copy);
    return answer;
  }

  const server = createServer(nodeListener({ handle }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const app: TestApp = {
    id: settings.appId,
    settings,
    client: createClient({ ...settings, receiver: ears }),
    events: { watch: ears.watch },
    heard,
    next: createNext(settings.appId, heard, bell),
    answerWith: (next) => {
      status = next;
    },
  };
  return {
    app,
    callbackUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createNext(app: string, heard: readonly WebhookEvent[], bell: Bell): TestApp['next'] {
  const given = new Set<WebhookEvent>();
  return async <Kind extends EventKind>(kind: Kind, options: NextOptions<Kind> = {}) => {
    const { channel, psid, where } = options;
    const isOfKind = (event: WebhookEvent): event is EventOf<Kind> => event.kind === kind;
    const isWanted = (event: WebhookEvent): event is EventOf<Kind> =>
      isOfKind(event) &&
      !given.has(event) &&
      (channel === undefined || event.channel === channel) &&
      (psid === undefined || event.psid === psid) &&
      (where === undefined || where(event));
    const which = where === undefined ? undefined : 'of that sort';
    const wanted = [kind, channel, psid, which].filter((part) => part !== undefined).join(' ');
    const complaint = (): string => {
      const lines = heard.map((event) => `  ${describe(event)}${given.has(event) ? ' (given already)' : ''}`);
      const list = lines.length === 0 ? '  nothing' : lines.join('\n');
      return `app ${app} heard no ${wanted} in time. It heard:\n${list}`;
    };
    const found = await bell.until(() => heard.find(isWanted) ?? null, complaint, options.timeoutMs);
    given.add(found);
    return found;
  };
}

const describe = (event: WebhookEvent): string =>
  `${event.kind} ${event.channel} ${event.psid}${'text' in event && event.text !== null ? `: ${event.text}` : ''}`;
