/**
 * [M1, M2, M6] `/{page}/messenger_profile`. Of most parts there is one a page, and whoever sets it is its maker; the
 * others each app has for itself. A call is carried out whole or not at all, and judged on the very configuration that
 * it changes.
 */

import { refusedOnPage } from '../../protocol/ask.ts';
import type { Json } from '../../protocol/message.ts';
import {
  type Config,
  type ConfigRow,
  isOwnPart,
  keyOf,
  type PageRecord,
  type ProfileRecord,
  snapshotOf,
  type Task,
} from '../../store/config.ts';
import {
  type Part,
  parseDeletion,
  parseProfile,
  readParts,
  renderProfile,
  renderResult,
} from '../../wire/profile.ts';
import type { Caller } from './access.ts';
import { type Answer, answerWith, type Failure, failFor, failWith, refusedTo } from './answer.ts';
import type { GraphCall, Route } from './call.ts';
import { changeAs } from './change-as.ts';

/** [A1] Whoever may write to customers, and whoever manages the page. */
const PROFILE_TASKS: readonly Task[] = ['MESSAGING', 'MODERATE', 'MANAGE'];

const profile = (run: Route['run']): Route => ({ tasks: PROFILE_TASKS, connected: true, run });

/** What is to become of some parts; null: they go. */
type Change = ReadonlyMap<Part, Json | null>;

export const setProfile = profile(async (call) => {
  const wanted = parseProfile(call.parameters);
  if (!wanted.ok) return failFor(wanted.problem);
  return carryOut(call, new Map(wanted.value.map(({ part, value }) => [part, value])));
});

export const deleteProfile = profile(async (call) => {
  const parts = parseDeletion(call.parameters);
  if (!parts.ok) return failFor(parts.problem);
  return carryOut(call, new Map(parts.value.map((part) => [part, null])));
});

/** Any connected app reads what is set, whoever made it; of the others' own parts it hears nothing. */
export const readProfile = profile(async ({ runtime, caller, parameters }) => {
  const parts = readParts(parameters);
  if (!parts.ok) return failFor(parts.problem);
  const asked = parts.value;
  const seen = rowsFor(runtime.configuration.current(), caller);
  return answerWith(renderProfile(seen.filter(({ part }) => asked === null || asked.includes(part))));
});

async function carryOut(call: GraphCall, change: Change): Promise<Answer> {
  const { caller } = call;
  const judged: { failure: Failure | null } = { failure: null };
  await changeAs(call, (config) => {
    judged.failure = failureOf(config, caller, change);
    return judged.failure === null ? rowsOf(caller, change) : { put: [] };
  });
  return judged.failure ?? answerWith(renderResult());
}

/** Why the change cannot be made on this configuration; null when it can. */
function failureOf(config: Config, caller: Caller, change: Change): Failure | null {
  const record = config.pages.find(({ id }) => id === caller.page.id);
  if (record === undefined) return failWith('page_not_permitted');
  if ([...change.keys()].some((part) => !isOwnPart(part))) {
    const page = snapshotOf(config, record);
    const refusal = refusedOnPage(page, 'set_profile', caller.app.id);
    if (refusal !== null) return refusedTo(caller.app.id, page, refusal);
  }
  return lacksGetStarted(config, record, change) ? failWith('get_started_required') : null;
}

/** Whether the change leaves a menu without Get Started. Instagram knows no Get Started. */
function lacksGetStarted({ profile }: Config, page: PageRecord, change: Change): boolean {
  const isConcerned = change.has('persistent_menu') || change.has('get_started');
  if (!isConcerned || page.platform === 'instagram') return false;
  const stands = (part: Part): boolean =>
    change.has(part)
      ? change.get(part) !== null
      : profile.some((each) => each.page === page.id && each.part === part);
  return stands('persistent_menu') && !stands('get_started');
}

function rowsOf({ app, page }: Caller, change: Change) {
  const row = (part: Part, value: Json): Extract<ConfigRow, { kind: 'profile' }> => ({
    kind: 'profile',
    value: { page: page.id, app: app.id, part, value },
  });
  const entries = [...change];
  return {
    put: entries.flatMap(([part, value]) => (value === null ? [] : [row(part, value)])),
    remove: entries.flatMap(([part, value]) =>
      value === null ? [{ kind: 'profile' as const, key: keyOf(row(part, null)) }] : [],
    ),
  };
}

/** The parts that an app sees. */
const rowsFor = ({ profile }: Config, { app, page }: Caller): readonly ProfileRecord[] =>
  profile.filter((each) => each.page === page.id && (!isOwnPart(each.part) || each.app === app.id));
