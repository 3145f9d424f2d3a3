/**
 * Identities. Every id is a string of 1 to 32 digits, kept as text so that no id is ever rounded (CLIENTS 1.6);
 * only the `parse` functions of this file make them.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A Facebook Page or an Instagram professional account. */
export type PageId = Branded<'page'>;
/** A customer as one page knows it (PSID, or IGSID on Instagram). */
export type Psid = Branded<'psid'>;
/** A program connected to a page, or a page's inbox. */
export type AppId = Branded<'app'>;
/** A human of the business, with tasks on pages. */
export type PersonId = Branded<'person'>;
/** A message: `m_` and up to 62 letters, digits, `-` or `_`. */
export type Mid = Branded<'mid'>;

/** Longest id accepted, in digits. */
export const MAX_ID_DIGITS = 32;

const DIGITS = new RegExp(`^[0-9]{1,${MAX_ID_DIGITS}}$`);
const MID = /^m_[A-Za-z0-9_-]{1,62}$/;

/** Whether a text is 1 to 32 digits. */
export const isId = (text: string): boolean => DIGITS.test(text);
/** The id, or null when the text is not 1 to 32 digits. */
export const parsePageId = (text: string): PageId | null => (DIGITS.test(text) ? (text as PageId) : null);
/** The id, or null when the text is not 1 to 32 digits. */
export const parsePsid = (text: string): Psid | null => (DIGITS.test(text) ? (text as Psid) : null);
/** The id, or null when the text is not 1 to 32 digits. */
export const parseAppId = (text: string): AppId | null => (DIGITS.test(text) ? (text as AppId) : null);
/** The id, or null when the text is not 1 to 32 digits. */
export const parsePersonId = (text: string): PersonId | null =>
  DIGITS.test(text) ? (text as PersonId) : null;
/** The message id, or null when the text cannot be one. */
export const parseMid = (text: string): Mid | null => (MID.test(text) ? (text as Mid) : null);

/** [X1] The inbox of every Facebook Page, itself an app. */
export const PAGE_INBOX = '263902037430900' as AppId;
/** [X1] The inbox of every Instagram account. */
export const INSTAGRAM_INBOX = '1217981644879628' as AppId;

/** Whether an app is an inbox, of either platform. */
export const isInbox = (app: AppId): boolean => app === PAGE_INBOX || app === INSTAGRAM_INBOX;

/**
 * The key, in the place of a psid, of a page's own events (P6: `app_roles`). They are ordered like a thread of
 * their own; no customer can have it, since a psid is never empty.
 */
export const PAGE_LANE = '' as Psid;
