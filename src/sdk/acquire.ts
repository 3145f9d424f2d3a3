/** Getting control of a thread: ask, look, and wait for whoever has it. */

import type { Client, ThreadOwner } from './client.ts';
import type { Ear } from './ear.ts';
import { BatonError, ControlNotGranted } from './errors.ts';

/** Which control is wanted, and how. */
export type Wanted = {
  readonly client: Omit<Client, 'control'>;
  readonly psid: string;
  readonly by: 'request' | 'idle' | 'take';
  readonly metadata: string | undefined;
  readonly waitMs: number;
  readonly checkMs: number;
  readonly signal: AbortSignal | undefined;
  readonly ear: Ear;
  /** By how much control is to be extended at once; null: not. `isNew`: it was given just now. */
  readonly extendSeconds: (isNew: boolean) => number | null;
};

/** What control was got: the epoch of the thread under it. */
export type Acquired = { readonly epoch: number };

/** Rejects when control is not got; what may have been got on the way is then given back. */
export async function acquire(wanted: Wanted): Promise<Acquired> {
  const { client, psid, signal, extendSeconds } = wanted;
  const state = { isAsked: false };
  try {
    const { owner, isNew } = await become(wanted, state);
    const { controlEpoch } = owner;
    const durationSeconds = extendSeconds(isNew);
    if (durationSeconds !== null) await client.extend(psid, { durationSeconds, controlEpoch, signal });
    return { epoch: controlEpoch };
  } catch (error) {
    // Without a signal: it is for the waiting. Whoever has control now, only what is ours is given up by this.
    if (state.isAsked) await client.release(psid).catch(() => undefined);
    throw error;
  }
}

/** `isNew`: this app was not the owner before. */
type Become = { readonly owner: ThreadOwner; readonly isNew: boolean };

/** Answers as soon as this app is the owner. `state.isAsked`: it may have become that by what was asked. */
async function become(wanted: Wanted, state: { isAsked: boolean }): Promise<Become> {
  const { client, psid, by, signal, waitMs } = wanted;
  const giveUpAt = Date.now() + waitMs;
  if (by === 'idle') {
    const owner = await client.threadOwner(psid, { signal });
    if (owner.appId === client.appId) return { owner, isNew: false };
    if (!isIdle(owner)) throw new ControlNotGranted(psid, owner.appId);
  }
  for (;;) {
    signal?.throwIfAborted();
    const wasAsked = state.isAsked;
    // Before it is answered: an answer that is lost, or not waited for, may have been a yes.
    state.isAsked = true;
    const refusal = await ask(wanted);
    if (refusal !== null) state.isAsked = wasAsked;
    let owner = await client.threadOwner(psid, { signal });
    if (owner.appId === client.appId) return { owner, isNew: refusal === null };
    if (refusal !== null) throw refusal;
    if (by !== 'request') throw new ControlNotGranted(psid, owner.appId);
    while (!isIdle(owner)) {
      const leftMs = giveUpAt - Date.now();
      if (leftMs <= 0) throw new ControlNotGranted(psid, owner.appId);
      await wanted.ear.wait(owner.controlEpoch, Math.min(leftMs, wanted.checkMs), signal);
      owner = await client.threadOwner(psid, { signal });
      if (owner.appId === client.appId) return { owner, isNew: true };
    }
    // An idle thread has forgotten who asked.
    if (Date.now() >= giveUpAt) throw new ControlNotGranted(psid, null);
  }
}

/** What was refused; null when it was not. That the caller has control already is told like any other bad input. */
async function ask({ client, psid, by, metadata, signal }: Wanted): Promise<BatonError | null> {
  try {
    // On an idle thread a request is granted at once; unlike a taking, it never takes what somebody else just got.
    await client[by === 'take' ? 'take' : 'request'](psid, { metadata, signal });
    return null;
  } catch (error) {
    if (error instanceof BatonError && error.kind === 'refused') return error;
    throw error;
  }
}

/** An owner that the caller may not know of still has a lease that ends. */
const isIdle = ({ appId, expiresAt }: ThreadOwner): boolean => appId === null && expiresAt === null;
