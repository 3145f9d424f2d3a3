/** How most stories of these tests begin. */

import { type AppId, isInbox } from '../../src/protocol/ids.ts';
import { leadFor } from '../../src/protocol/page.ts';
import { given, type Scenario } from '../../src/testing/scenario.ts';
import { BOT, CUSTOMER, DESK, move, pass, QUIZ, take, write } from '../../src/testing/scenario-commands.ts';
import type { PageOptions } from '../../src/testing/scenario-page.ts';

const APPS = [BOT, DESK, QUIZ];

/** A page with BOT, DESK and QUIZ, of which BOT is the primary receiver. */
export const withPrimary = (more: PageOptions = {}): Scenario => given({ primary: BOT, apps: APPS, ...more });
/** The same page without a primary receiver. */
export const withoutPrimary = (more: PageOptions = {}): Scenario => given({ apps: APPS, ...more });

/** The story up to where this app has got control at this very instant; what was heard till then is forgotten. */
export function ownedBy(owner: AppId, story: Scenario = withPrimary()): Scenario {
  story.does(write());
  const current = story.owner();
  if (isInbox(owner)) story.does(move('main'));
  else if (current === null) story.does(take(owner));
  else if (current !== owner) story.does(pass(current, owner));
  return story.hush();
}

/** The story up to where the customer is known and nobody has control. */
export function idle(story: Scenario): Scenario {
  const primary = leadFor(story.page(), CUSTOMER);
  story.does(write());
  if (primary !== null) story.does({ type: 'release', caller: primary, metadata: null, controlEpoch: null });
  return story.hush();
}
