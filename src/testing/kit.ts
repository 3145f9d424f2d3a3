/**
 * What `baton/testing` gives to authors of apps: a whole Baton in the process of the test, with customers who speak, apps
 * that listen, and a clock to move. Everything goes over HTTP on the loopback address, as it does outside of tests, and
 * nothing waits for a time: only for what is to happen.
 */

import { silentObserver } from '../observe/observer.ts';
import type { Program, TestApp } from './kit/app.ts';
import { createBell } from './kit/bell.ts';
import type { TestCustomer } from './kit/customer.ts';
import { durationMs } from './kit/duration.ts';
import type { TestPage } from './kit/page.ts';
import { openTown } from './kit/town.ts';
import { openSandbox } from './sandbox.ts';

export type { AppSettings, EventOf, NextOptions, Program, TestApp } from './kit/app.ts';
export type { CustomerMessage, TestCustomer } from './kit/customer.ts';
export type { HistoryLine, InboxRequest, InboxThread, TestPage } from './kit/page.ts';
export type { CustomerReferral } from './kit/referral.ts';
export type { OfferedItem, Offers, ScreenMessage, ShownReply } from './kit/screen.ts';
export type { CustomerTaps, SurveyAnswers } from './kit/taps.ts';

/** Everything may be left out. */
export type PageOptions = {
  readonly name?: string | undefined;
  readonly platform?: 'messenger' | 'instagram' | undefined;
  /** Which rules it is under: `handover` unless told otherwise. */
  readonly mode?: 'handover' | 'conversation_routing' | undefined;
  /** Where apps hear of an idle thread: `standby`, or `messaging` on a page with one app, unless told otherwise. */
  readonly idleChannel?: 'messaging' | 'standby' | undefined;
};

/** An ad or a link that belongs to an app. */
export type EntryPoint = ({ readonly adId: string } | { readonly ref: string }) & {
  /** For how long control stays after the customer's last act, in days: 1 to 30, 1 unless told otherwise. */
  readonly days?: number | undefined;
};

/** Everything may be left out. */
export type AppOptions = {
  readonly name?: string | undefined;
  /** The first page unless told otherwise. */
  readonly page?: TestPage | undefined;
  /** Makes it the page's primary receiver; under Conversation Routing its default app. */
  readonly primary?: boolean | undefined;
  /** Ads and links through which customers come to it. */
  readonly entryPoints?: readonly EntryPoint[] | undefined;
  /** The fields that it subscribes to; all of them unless told otherwise. */
  readonly fields?: readonly string[] | undefined;
  /** The program under test; without one the app takes every webhook and does nothing. */
  readonly program?: Program | undefined;
};

/** Everything may be left out. */
export type CustomerOptions = {
  readonly name?: string | undefined;
  /** The first page unless told otherwise. */
  readonly page?: TestPage | undefined;
};

/** The clock by which control ends, windows close and webhooks are tried again. */
export type TestClock = {
  /** In milliseconds since 1970. */
  now(): Promise<number>;
  /**
   * Moves the clock on; answers when everything that fell due has been carried out and told.
   * @param duration as in `25h`, `1d 30m`, `90s`; or milliseconds
   */
  advance(duration: string | number): Promise<void>;
};

/** A Baton of one test. */
export type TestBaton = AsyncDisposable & {
  readonly url: string;
  readonly clock: TestClock;
  /** Makes a page. */
  page(options?: PageOptions): Promise<TestPage>;
  /** Makes an app and connects it to a page; its callback is verified when this answers. */
  app(options?: AppOptions): Promise<TestApp>;
  /** Makes a customer. */
  customer(options?: CustomerOptions): Promise<TestCustomer>;
  /** Answers when every webhook that was waiting has been tried: for asserting that nothing came. */
  settled(): Promise<void>;
};

/** Opens a Baton on a free port, with a folder of its own that goes with it. Dispose of it at the end of the test. */
export async function openBaton(): Promise<TestBaton> {
  const bell = createBell();
  const observer = { ...silentObserver, command: bell.ring, attempt: bell.ring };
  const sandbox = await openSandbox({}, { observer });
  const { page, app, customer, close } = openTown(sandbox, bell);
  return {
    page,
    app,
    customer,
    url: sandbox.url,
    clock: {
      now: async () => Number((await sandbox.sandbox('GET', '/clock'))['now']),
      async advance(duration) {
        await sandbox.sandbox('POST', '/clock', { advance_ms: durationMs(duration) });
      },
    },
    async settled() {
      await sandbox.sandbox('POST', '/settle');
    },
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await close();
    },
  };
}
