/** What an app asks a person for when it sends her to the dialog, and the way back to the app. */

import { parseAppId } from '../../protocol/ids.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type AppRecord, PERMISSION_NAMES, type Permission } from '../../store/config.ts';
import { isLongerThan } from '../../wire/checks.ts';
import type { Parameters } from '../../wire/parameters.ts';

/** Longest `state` that is handed back, in characters. */
export const MAX_STATE = 4_000;

export type DialogRequest = {
  readonly app: AppRecord;
  /** One of the app's own. */
  readonly redirectUri: string;
  readonly scopes: readonly Permission[];
  /** As it was given; null: not given. */
  readonly state: string | null;
};

/** The request, or a sentence for the person: there is nowhere that she could be sent back to. */
export function readDialogRequest(runtime: Runtime, parameters: Parameters): DialogRequest | string {
  const id = parseAppId(parameters.text('client_id') ?? '');
  const app = id === null ? null : runtime.configuration.app(id);
  const redirectUri = parameters.text('redirect_uri') ?? '';
  if (app === null) return 'The address does not name an app that is known here (client_id).';
  if (!app.redirectUris.includes(redirectUri))
    return `The address to go back to is not one of those of ${app.name} (redirect_uri).`;
  const type = parameters.text('response_type') ?? 'code';
  if (type !== 'code') return `${app.name} asks for what is not given here: response_type must be code.`;
  const state = parameters.text('state');
  if (state !== null && isLongerThan(state, MAX_STATE))
    return `What ${app.name} wants handed back is too long (state).`;
  // What is not known here, such as public_profile, cannot be granted and is passed over.
  const asked = new Set((parameters.text('scope') ?? '').split(/[\s,]+/));
  return { app, redirectUri, scopes: PERMISSION_NAMES.filter((name) => asked.has(name)), state };
}

/** The app's address with an answer in its query. */
export function wayBack(
  { redirectUri, state }: DialogRequest,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (state !== null) url.searchParams.set('state', state);
  return url.href;
}
