/** Who may act for whom, as it is stored: tokens, and what App Review was asked for. */

import type { AppId, PageId, PersonId } from '../protocol/ids.ts';
import type { Instant } from '../protocol/time.ts';
import type { Feature, Permission } from './config.ts';

/** What every token has. Its text is kept nowhere, only its SHA-256. */
type Issued = {
  /** Lower-case hex. */
  readonly hash: string;
  readonly app: AppId;
  /** Who stands behind it. */
  readonly person: PersonId;
  /** [A2] What the person has allowed the app to ask pages for, in the order of `PERMISSION_NAMES`. */
  readonly scopes: readonly Permission[];
  /** 0: before anybody wrote it down. */
  readonly issuedAt: Instant;
  /** From this very millisecond it is worth nothing; null: it lasts until it is revoked. */
  readonly expiresAt: Instant | null;
};

/** [A1] For calls on one page. */
export type PageToken = Issued & {
  readonly kind: 'page';
  readonly page: PageId;
  /** Where it came from: the world file, the operator, or `GET /me/accounts` of a person who signed in. */
  readonly source: 'world' | 'operator' | 'sign_in';
  /** The hash of the user token that it was asked for with; it goes when that is revoked. */
  readonly parent: string | null;
};

/** For what concerns the person: which pages, and their tokens. */
export type UserToken = Issued & {
  readonly kind: 'user';
  /** Whether the Page tokens it gives last until they are revoked; else they end with it. */
  readonly longLived: boolean;
  /** Grows when one of its Page tokens is revoked, so that the next ones are others. */
  readonly version: number;
};

/** An authorization code: good for one user token, once. */
export type CodeToken = Issued & { readonly kind: 'code'; readonly redirectUri: string };

export type TokenRecord = PageToken | UserToken | CodeToken;

/** [A3, A4] One request to App Review, or a decision that nobody asked for. */
export type ReviewRecord = {
  /** `app/number`, numbered from 1. */
  readonly id: string;
  readonly app: AppId;
  readonly feature: Feature;
  /** What the app says it needs it for. */
  readonly note: string;
  readonly askedAt: Instant;
  readonly decision: ReviewDecision | null;
};

export type ReviewDecision = {
  readonly granted: boolean;
  /** What the operator says of it; may be empty. */
  readonly reason: string;
  readonly at: Instant;
};

/** What a person may be to an app: with any role they may sign in to it while it is in development. */
export const APP_ROLES = ['admin', 'developer', 'tester'] as const;
export type AppRole = (typeof APP_ROLES)[number];
