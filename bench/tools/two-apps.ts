/** A page with two apps that hear everything. */

export const PAGE = '1001';

const FIELDS = ['messages', 'messaging_handovers', 'standby'];

/** @param urls their callbacks; the apps are 2001 and 2002, with `secret-…`, `token-…` and the verify token `verify` */
export const twoApps = (urls: readonly [string, string]): unknown => ({
  pages: [{ id: PAGE, name: 'Kopi Senja' }],
  apps: ['2001', '2002'].map((id, index) => ({
    id,
    name: `App ${id}`,
    secret: `secret-${id}`,
    webhook: { object: 'page', callback_url: urls[index], verify_token: 'verify', fields: FIELDS },
    pages: [{ id: PAGE, access_token: `token-${id}`, subscribed_fields: FIELDS }],
  })),
});
