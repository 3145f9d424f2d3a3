/** The other processes of a benchmark: bare servers, bare loops, sinks. Each answers one question after another. */

import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

const CHILDREN = path.resolve(import.meta.dirname, '../children');

export type Child = AsyncDisposable & {
  readonly pid: number;
  /** What it said when it was ready: its addresses. */
  readonly urls: readonly string[];
  /** Puts a question and waits for the answer; nothing checks its shape. */
  ask<Answer>(question: unknown): Promise<Answer>;
};

/** Starts `bench/children/{name}.ts`, which says its addresses once it is ready. */
export async function startChild(name: string, args: readonly string[] = []): Promise<Child> {
  const child = fork(path.join(CHILDREN, `${name}.ts`), [...args], { execArgv: [] });
  let last: Promise<unknown> = Promise.resolve();
  const urls = (await nextMessage(child, name)) as readonly string[];
  return {
    pid: child.pid ?? 0,
    urls,
    ask<Answer>(question: unknown) {
      const answer = last.then(() => {
        const coming = nextMessage(child, name);
        child.send(question as object);
        return coming as Promise<Answer>;
      });
      last = answer.catch(() => undefined);
      return answer;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function nextMessage(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit);
      resolve(message);
    };
    const onExit = (code: number | null): void => {
      child.off('message', onMessage);
      reject(new Error(`${name} ended with ${code}`));
    };
    child.once('message', onMessage).once('exit', onExit);
  });
}

/** In a child: says that it is ready, then answers questions. */
export function answerParent(urls: readonly string[], answer: (question: never) => unknown): void {
  process.on('message', async (question) => process.send?.((await answer(question as never)) ?? null));
  process.once('disconnect', () => process.exit());
  process.send?.(urls);
}
