/** The client of all rounds, ours and bare: an undici pool, driven without promises so that it costs little. */

import { type Dispatcher, Pool } from 'undici';

export const CONCURRENCY = 64;
const JSON_HEADERS = ['content-type', 'application/json'];

/** One POST of JSON. */
export type Call = { readonly path: string; readonly body: string };
/** What a worker sends next; workers are numbered from 0. */
export type NextCall = (worker: number) => Call;

export type Driven = { readonly calls: number; readonly seconds: number };

export type Client = AsyncDisposable & {
  /** Workers in a closed loop, until the time is over. Any answer but 200 is an error. */
  drive(next: NextCall, seconds: number): Promise<Driven>;
  /** The same, until so many calls have been answered. */
  driveCalls(next: NextCall, calls: number): Promise<Driven>;
  /** Calls at a fixed pace, answered or not; `sent` is told of each when it is answered. */
  pace(next: NextCall, options: PaceOptions): Promise<void>;
  /** One call; the milliseconds until it was answered. */
  one(call: Call): Promise<number>;
  /** One call; what was answered. */
  ask(call: Call): Promise<Readonly<Record<string, unknown>>>;
};

export type PaceOptions = {
  readonly perSecond: number;
  readonly isOver: () => boolean;
  /** @param sentAt of the clock `performance.now` */
  readonly answered: (sentAt: number, durationMs: number) => void;
};

export function openClient(url: string, connections = CONCURRENCY): Client {
  const pool = new Pool(url, { connections, pipelining: 1 });

  function loop(next: NextCall, goesOn: (calls: number) => boolean): Promise<Driven> {
    const startedAt = performance.now();
    let begun = 0;
    let calls = 0;
    let working = connections;
    return new Promise((resolve, reject) => {
      const work = (worker: number): void => {
        if (goesOn(begun)) {
          begun += 1;
          send(pool, next(worker), (error) => {
            if (error !== null) return reject(error);
            calls += 1;
            work(worker);
          });
        } else if (--working === 0) resolve({ calls, seconds: (performance.now() - startedAt) / 1_000 });
      };
      for (let worker = 0; worker < connections; worker++) work(worker);
    });
  }

  return {
    drive(next, seconds) {
      const until = performance.now() + seconds * 1_000;
      return loop(next, () => performance.now() < until);
    },
    driveCalls: (next, calls) => loop(next, (begun) => begun < calls),
    pace: (next, options) => pace(pool, next, options),
    one(call) {
      const startedAt = performance.now();
      return new Promise((resolve, reject) => {
        send(pool, call, (error) =>
          error === null ? resolve(performance.now() - startedAt) : reject(error),
        );
      });
    },
    async ask({ path, body }) {
      const answer = await pool.request({ method: 'POST', path, headers: JSON_HEADERS, body });
      return (await answer.body.json()) as Readonly<Record<string, unknown>>;
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

function pace(pool: Pool, next: NextCall, { perSecond, isOver, answered }: PaceOptions): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  let open = 0;
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const over = isOver();
      if (over && open === 0) {
        clearInterval(timer);
        resolve();
      }
      const due = over ? sent : Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
      for (; sent < due; sent++) {
        const sentAt = performance.now();
        open += 1;
        send(pool, next(0), (error) => {
          open -= 1;
          if (error === null) return answered(sentAt, performance.now() - sentAt);
          clearInterval(timer);
          reject(error);
        });
      }
    }, 1);
  });
}

function send(pool: Pool, { path, body }: Call, done: (error: Error | null) => void): void {
  let status = 0;
  let text = '';
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, chunk) {
      if (status !== 200) text += String(chunk);
    },
    onResponseEnd() {
      done(status === 200 ? null : new Error(`${path} answered ${status}: ${text}`));
    },
    onResponseError: (_controller, error) => done(error),
  };
  pool.dispatch({ method: 'POST', path, headers: JSON_HEADERS, body }, handler);
}
