/** A customer of the test: writes, taps, and reads a screen. */

import type { Driver } from '../sandbox.ts';
import type { Bell } from './bell.ts';
import { type CustomerReferral, referralOf } from './referral.ts';
import { describe, type Offers, type Screen, type ScreenMessage, screenOf, shows } from './screen.ts';
import { type CustomerTaps, tapsOf } from './taps.ts';

/** A text, attachments, or both. */
export type CustomerMessage = {
  readonly text?: string | undefined;
  readonly attachments?: readonly { readonly type: string; readonly payload: object }[] | undefined;
  /** The payload of the quick reply that was tapped. */
  readonly quickReply?: string | undefined;
  readonly referral?: CustomerReferral | undefined;
};

/** A customer of the test. */
export type TestCustomer = CustomerTaps & {
  readonly psid: string;
  /** Writes; the message's id. */
  says(message: string | CustomerMessage): Promise<string>;
  /** Comes back through an ad or a link, without a word. */
  comes(by: CustomerReferral): Promise<void>;
  /** Has read everything. */
  reads(): Promise<void>;
  /** Everything on the screen, oldest first. */
  screen(): Promise<readonly ScreenMessage[]>;
  /** What can be tapped beside the messages. */
  offers(): Promise<Offers>;
  /**
   * The first message of the page, after the one seen last, whose text holds this; waits for it. Rejects when none comes
   * in time, and tells what is on the screen.
   * @param timeoutMs 5,000 unless told otherwise
   */
  sees(text: string | RegExp, timeoutMs?: number): Promise<ScreenMessage>;
};

export type CustomerPlace = {
  readonly driver: Driver;
  readonly pageId: string;
  readonly psid: string;
  readonly bell: Bell;
};

export function customerOf({ driver, pageId, psid, bell }: CustomerPlace): TestCustomer {
  const path = `/pages/${pageId}/customers/${psid}`;
  const act = (what: string, body?: object) => driver.sandbox('POST', `${path}/${what}`, body);
  const look = async (): Promise<Screen> => screenOf(await driver.sandbox('GET', `${path}/screen`));
  let seen = 0;

  return {
    psid,
    ...tapsOf({ psid, act, look }),
    screen: async () => (await look()).messages,
    offers: async () => (await look()).offers,
    says: async (message) => String((await act('message', bodyOf(message)))['message_id']),
    async comes(by) {
      await act('referral', referralOf(by));
    },
    async reads() {
      await act('read');
    },
    async sees(text, timeoutMs) {
      let messages: readonly ScreenMessage[] = [];
      return bell.until(
        async () => {
          ({ messages } = await look());
          const at = messages.findIndex((message, index) => index >= seen && shows(message, text));
          if (at === -1) return null;
          seen = at + 1;
          return messages[at] ?? null;
        },
        () => `customer ${psid} did not see ${String(text)} in time. ${describe(messages)}`,
        timeoutMs,
      );
    },
  };
}

function bodyOf(message: string | CustomerMessage): object {
  if (typeof message === 'string') return { text: message };
  const { text, attachments, quickReply, referral } = message;
  return {
    text,
    attachments,
    ...(quickReply === undefined ? {} : { quick_reply: { payload: quickReply } }),
    ...(referral === undefined ? {} : { referral: referralOf(referral) }),
  };
}
