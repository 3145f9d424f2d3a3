/** Control that has been got: renewed until it is over. */

import type { Client } from './client.ts';
import type { Control } from './control.ts';
import type { Ear } from './ear.ts';
import { BatonError, ControlLost, type LossReason, saysControlIsElsewhere } from './errors.ts';

/** Control as it was got, and how it is to be kept. */
export type Held = {
  readonly client: Omit<Client, 'control'>;
  readonly psid: string;
  readonly epoch: number;
  readonly durationSeconds: number;
  readonly checkMs: number;
  readonly ear: Ear;
  /** Called when the server, too, is done with it, as far as that can be known. */
  readonly onOver: () => void;
};

/** Keeps control until it is over. */
export function hold(held: Held): Control {
  const { client, psid, epoch } = held;
  const life = createLife(held);
  void keep(held, life);

  /** Carries something out that only the owner may do. */
  async function under<Result>(work: () => Promise<Result>): Promise<Result> {
    life.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!saysControlIsElsewhere(error)) throw error;
      life.end('moved', error);
      throw life.signal.reason;
    }
  }

  return {
    psid,
    epoch,
    signal: life.signal,
    send: (message, options) => under(() => client.send(psid, message, { ...options, controlEpoch: epoch })),
    senderAction: (action, options) =>
      under(() => client.senderAction(psid, action, { ...options, controlEpoch: epoch })),
    async pass(options) {
      await under(() => client.pass(psid, { ...options, controlEpoch: epoch }));
      life.end('passed');
    },
    release: (options) => giveBack(held, life, options),
    [Symbol.asyncDispose]: () => giveBack(held, life),
  };
}

/** Gives control back, if the server may still take this app for the owner. */
async function giveBack(
  { client, psid, epoch, onOver }: Held,
  life: Life,
  options: Parameters<Control['release']>[0] = {},
): Promise<void> {
  if (!life.isOwed()) return;
  life.end('released');
  try {
    await client.release(psid, { ...options, controlEpoch: epoch });
  } catch (error) {
    if (!saysControlIsElsewhere(error)) throw error;
  } finally {
    onOver();
  }
  life.settle();
}

type Life = {
  readonly signal: AbortSignal;
  /** Ends it, if it has not ended yet. */
  end(reason: LossReason, cause?: unknown): void;
  /** Whether the server may still take this app for the owner. */
  isOwed(): boolean;
  /** The server knows. */
  settle(): void;
};

function createLife({ psid, ear, onOver }: Held): Life {
  const over = new AbortController();
  let isOwed = true;
  return {
    signal: over.signal,
    end(reason, cause) {
      if (over.signal.aborted) return;
      isOwed = reason === 'released';
      ear.close();
      if (!isOwed) onOver();
      over.abort(new ControlLost(psid, reason, cause));
    },
    isOwed: () => isOwed,
    settle() {
      isOwed = false;
    },
  };
}

/** Renews at half of the time, and looks in between; ends when control does. Never rejects. */
async function keep(held: Held, life: Life): Promise<void> {
  const { ear, epoch, checkMs, durationSeconds } = held;
  const renewalMs = (durationSeconds * 1_000) / 2;
  let renewAt = Date.now() + renewalMs;
  while (!life.signal.aborted) {
    if (ear.latestEpoch() > epoch) {
      life.end('moved');
      return;
    }
    const waitMs = Math.min(checkMs, Math.max(0, renewAt - Date.now()));
    await ear.wait(epoch, waitMs, life.signal).catch(() => undefined);
    if (life.signal.aborted || ear.latestEpoch() > epoch) continue;
    const isRenewal = Date.now() >= renewAt;
    const isDone = await attempt(held, life, isRenewal ? renew : look);
    // After a failure not at once again, and not only half a day later.
    if (isRenewal) renewAt = Date.now() + (isDone ? renewalMs : Math.min(renewalMs, checkMs));
  }
}

/** Whether it was done. A server that cannot be asked says nothing of control; a refusal does. */
async function attempt(held: Held, life: Life, work: typeof look): Promise<boolean> {
  try {
    await work(held, life);
    return true;
  } catch (error) {
    const isRefused = error instanceof BatonError && error.kind === 'refused';
    if (isRefused) life.end(saysControlIsElsewhere(error) ? 'moved' : 'refused', error);
    return false;
  }
}

async function look({ client, psid, epoch }: Held, life: Life): Promise<void> {
  const owner = await client.threadOwner(psid, { signal: life.signal });
  if (owner.appId !== client.appId || owner.controlEpoch !== epoch) life.end('moved');
}

async function renew({ client, psid, epoch, durationSeconds }: Held, life: Life): Promise<void> {
  await client.extend(psid, { durationSeconds, controlEpoch: epoch, signal: life.signal });
}
