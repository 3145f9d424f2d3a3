/** The worlds that are measured: one page, a bot that answers first, a desk, an inbox; customers by number. */

import type { Call } from './client.ts';

export const PAGE = '1001';
export const BOT = '2001';
export const DESK = '2002';
export const APPS = [BOT, DESK, '2003'] as const;

type WorldApp = {
  readonly id: string;
  readonly name: string;
  readonly webhook?: { readonly callback_url: string; readonly max_batch?: number };
  readonly pages: readonly { readonly id: string; readonly access_token: string }[];
};

export type World = {
  readonly pages: readonly {
    readonly id: string;
    readonly name: string;
    readonly primary_receiver?: string;
  }[];
  readonly apps: readonly WorldApp[];
  readonly customers?: readonly { readonly page: string; readonly psid: string }[];
};

export const tokenOf = (app: string): string => `bench-token-${app}`;

const FIRST_PSID = 7_000_000_000_000_000;
export const psidOf = (customer: number): string => String(FIRST_PSID + customer);

/** @param callbacks of the first, second … app; without any, no app is told anything */
export function worldOf(options: {
  readonly callbacks?: readonly string[];
  readonly maxBatch?: number;
  readonly primary?: string;
  readonly customers?: number;
}): World {
  const { callbacks, maxBatch, primary, customers = 0 } = options;
  const apps = (callbacks ?? APPS).map((callback, index): WorldApp => {
    const id = APPS[index] ?? '';
    const batch = maxBatch === undefined ? {} : { max_batch: maxBatch };
    return {
      id,
      name: `App ${id}`,
      ...(callbacks === undefined ? {} : { webhook: { callback_url: callback, ...batch } }),
      pages: [{ id: PAGE, access_token: tokenOf(id) }],
    };
  });
  return {
    pages: [
      { id: PAGE, name: 'Kopi Senja', ...(primary === undefined ? {} : { primary_receiver: primary }) },
    ],
    apps,
    customers: Array.from({ length: customers }, (_, index) => ({ page: PAGE, psid: psidOf(index) })),
  };
}

const MESSAGE = JSON.stringify({ text: 'Good morning! Is the corner table free on Saturday, at seven?' });

/** The customer writes. */
export const messageOf = (customer: number): Call => ({
  path: `/sandbox/pages/${PAGE}/customers/${psidOf(customer)}/message`,
  body: MESSAGE,
});

/** A control call of an app. */
export const controlOf = (
  edge: 'pass' | 'take' | 'release' | 'extend',
  app: string,
  options: { readonly customer: number; readonly target?: string },
): Call => ({
  path: `/v20.0/me/${edge}_thread_control?access_token=${tokenOf(app)}`,
  body: JSON.stringify({
    recipient: { id: psidOf(options.customer) },
    ...(options.target === undefined ? {} : { target_app_id: options.target }),
    metadata: 'bench',
  }),
});
