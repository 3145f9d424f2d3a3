/** [W6] Verifies the callbacks that need it, by the timetable, until each has echoed its challenge. */

import type { Observer } from '../observe/observer.ts';
import type { Instant } from '../protocol/time.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory } from '../runtime/directory.ts';
import type { DeliveryPort } from '../runtime/ports.ts';
import type { Webhook } from '../store/config.ts';
import { shakeHands } from './handshake.ts';
import type { Poster } from './poster.ts';
import { pauseAfter } from './timetable.ts';

/** Most handshakes at once. */
export const MAX_HANDSHAKES = 64;

export type Greeter = {
  /** Starts the handshakes that are due: of new and changed callbacks, and those whose pause is over. */
  look(): void;
  verify: DeliveryPort['verify'];
  /** Answers when the handshakes in flight have ended. */
  settled(): Promise<void>;
};

type Greeting = { readonly webhook: Webhook; failures: number; retryAt: Instant; isInFlight: boolean };

export type GreeterOptions = {
  readonly directory: Directory;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly observer: Observer;
};

export function createGreeter({ directory, poster, clock, observer }: GreeterOptions): Greeter {
  const greetings = new Map<string, Greeting>();
  const inFlight = new Set<Promise<unknown>>();
  /** The names of those that somebody waits for. */
  const awaited = new Set<string>();

  async function greet(greeting: Greeting): Promise<void> {
    const { webhook } = greeting;
    let error: string | null = 'failed';
    greeting.isInFlight = true;
    try {
      error = await shakeHands(poster, webhook);
      if (error === null) await directory.update(webhook, { verifiedAt: clock.now() });
    } catch (fault) {
      error = 'failed';
      observer.fault('handshake', fault);
    }
    greeting.isInFlight = false;
    if (error !== null) {
      greeting.failures += 1;
      greeting.retryAt = clock.now() + pauseAfter(greeting.failures);
    }
    const { app, object } = webhook;
    observer.note(error === null ? 'callback verified' : 'callback not verified', { app, object, error });
  }

  function start(greeting: Greeting): void {
    const ended = greet(greeting).finally(() => inFlight.delete(ended));
    inFlight.add(ended);
  }

  const verify: Greeter['verify'] = async (callback) => {
    const { app, object } = callback;
    const name = `${app}/${object}`;
    if (awaited.has(name) || inFlight.size >= MAX_HANDSHAKES) return { kind: 'busy' };
    awaited.add(name);
    const asked = shakeHands(poster, callback, `${name} to be`).finally(() => {
      awaited.delete(name);
      inFlight.delete(asked);
    });
    inFlight.add(asked);
    const reason = await asked;
    observer.note(reason === null ? 'callback verified' : 'callback refused', { app, object, error: reason });
    return reason === null ? { kind: 'verified' } : { kind: 'failed', reason };
  };

  function forgetOld(wanted: ReadonlyMap<string, Webhook>): void {
    for (const [name, { webhook }] of greetings) {
      const now = wanted.get(name);
      const isSame = now?.callbackUrl === webhook.callbackUrl && now.verifyToken === webhook.verifyToken;
      if (!isSame) greetings.delete(name);
    }
  }

  return {
    look() {
      const unverified = directory.webhooks().filter(({ verifiedAt }) => verifiedAt === null);
      const wanted = new Map(unverified.map((webhook) => [`${webhook.app}/${webhook.object}`, webhook]));
      forgetOld(wanted);
      const now = clock.now();
      for (const [name, webhook] of wanted) {
        const greeting = greetings.get(name) ?? { webhook, failures: 0, retryAt: 0, isInFlight: false };
        greetings.set(name, greeting);
        const isDue = !greeting.isInFlight && greeting.retryAt <= now;
        if (isDue && inFlight.size < MAX_HANDSHAKES) start(greeting);
      }
    },
    verify,
    async settled() {
      await Promise.allSettled(inFlight);
    },
  };
}
