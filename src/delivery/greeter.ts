/** [W6] Verifies the callbacks that need it, by the timetable, until each has echoed its challenge. */

import type { Observer } from '../observe/observer.ts';
import type { Instant } from '../protocol/time.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Webhook } from '../store/config.ts';
import type { Directory } from './directory.ts';
import { shakeHands } from './handshake.ts';
import type { Poster } from './poster.ts';
import { pauseAfter } from './timetable.ts';

export type Greeter = {
  /** Starts the handshakes that are due: new and changed callbacks, and those whose pause is over. */
  look(): void;
  /** Handshakes in flight. */
  inFlight(): number;
  /** When a handshake is due next; null when none is waiting. */
  nextAt(): Instant | null;
};

type Greeting = { readonly webhook: Webhook; failures: number; retryAt: Instant; inFlight: boolean };

export type GreeterOptions = {
  readonly directory: Directory;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Told whenever a handshake has ended. */
  readonly ended: () => void;
};

export function createGreeter({ directory, poster, clock, observer, ended }: GreeterOptions): Greeter {
  const greetings = new Map<string, Greeting>();

  async function greet(greeting: Greeting): Promise<void> {
    greeting.inFlight = true;
    const { webhook } = greeting;
    const error = await shakeHands(poster, webhook);
    if (error === null) await directory.verified(webhook);
    else {
      greeting.failures += 1;
      greeting.retryAt = clock.now() + pauseAfter(greeting.failures);
    }
    observer.note(error === null ? 'callback verified' : 'callback not verified', {
      app: webhook.app,
      object: webhook.object,
      error,
    });
  }

  function start(greeting: Greeting): void {
    greet(greeting)
      .catch((error: unknown) => observer.fault('handshake', error))
      .finally(() => {
        greeting.inFlight = false;
        ended();
      });
  }

  return {
    look() {
      const wanted = new Map(directory.unverified().map((each) => [nameOf(each), each]));
      for (const [name, { webhook }] of greetings) {
        const now = wanted.get(name);
        if (now === undefined || !isSame(now, webhook)) greetings.delete(name);
      }
      for (const [name, webhook] of wanted) {
        const greeting = greetings.get(name) ?? { webhook, failures: 0, retryAt: 0, inFlight: false };
        greetings.set(name, greeting);
        if (!greeting.inFlight && greeting.retryAt <= clock.now()) start(greeting);
      }
    },
    inFlight: () => [...greetings.values()].filter(({ inFlight }) => inFlight).length,
    nextAt() {
      const waiting = [...greetings.values()].filter(({ inFlight }) => !inFlight);
      return waiting.length === 0 ? null : Math.min(...waiting.map(({ retryAt }) => retryAt));
    },
  };
}

const nameOf = ({ app, object }: Webhook): string => `${app}/${object}`;
const isSame = (one: Webhook, other: Webhook): boolean =>
  one.callbackUrl === other.callbackUrl && one.verifyToken === other.verifyToken;
