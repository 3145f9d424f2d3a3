/** The shop of the client tests: the page, the bot that is its primary receiver, and a desk. */

import { openSandbox, type Sandbox } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, PAGE, shopWorld } from '../http/shop.ts';

export type ClientShop = Sandbox & {
  says(text: string): Promise<void>;
  /** What the customer sees, oldest first: who wrote it, and what. */
  screen(): Promise<readonly string[]>;
};

export async function openClientShop(): Promise<ClientShop> {
  const baton = await openSandbox(shopWorld({}, { apps: [BOT, DESK] }));
  const customer = `/pages/${PAGE}/customers/${BUDI}`;
  return {
    ...baton,
    async says(text) {
      await baton.sandbox('POST', `${customer}/message`, { text });
    },
    async screen() {
      const { messages } = await baton.sandbox('GET', `${customer}/screen`);
      const list = messages as readonly { readonly app_id: string | null; readonly text: string | null }[];
      return list.map(({ app_id: app, text }) => `${app ?? 'customer'}: ${text}`);
    },
  };
}
