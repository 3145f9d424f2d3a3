/** What requests of a fuzz name: the ids and tokens of the town in `town.ts`, as they stand in one round. */

export const PAGE = '1001';
/** [R1] A page with Conversation Routing. */
export const ROUTED_PAGE = '1002';
/** What is taken apart: pages, apps and people that nothing else needs. */
export const VICTIM_PAGE = '1009';
export const BOT = '2001';
export const DESK = '2002';
export const VICTIM = '2009';
export const PERSON = '9001';
export const VICTIM_PERSON = '9009';
export const PASSWORD = 'correct horse';
export const REDIRECT = 'http://127.0.0.1:9/back';
export const EXPIRED_TOKEN = 'token-that-has-ended';

export const tokenOf = (app: string, page = PAGE): string => `token-${app}-${page}`;
export const secretOf = (app: string): string => `secret-${app}`;

/** How many customers a round has. Calls that change who has control have one each. */
export const CUSTOMERS = 16;

/** What is new in each round. */
export type Values = {
  /** They have written to the page; its bot has control of all but the third, which the desk has. */
  readonly psids: readonly string[];
  /** They have written to the page with Conversation Routing. */
  readonly routedPsid: string;
  /** A message of the first customer. */
  readonly written: string;
  /** The bot's message with a button, to the first customer. */
  readonly buttons: string;
  /** The bot's survey, to the second customer. */
  readonly survey: string;
  readonly persona: string;
  /** An attachment that is saved, of type `image`. */
  readonly attachment: string;
  /** Under which name an uploaded file is fetched. */
  readonly fileKey: string;
  readonly userToken: string;
  readonly code: string;
  readonly operator: string;
  /** Of the form of the dialog. */
  readonly ticket: string;
  readonly cookie: string;
  /** Where webhooks go. */
  readonly callback: string;
};
