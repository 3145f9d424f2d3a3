import { test } from 'node:test';
import { openBaton } from 'baton/testing';
import { openBot } from '../sdk-bot/bot.ts';

test('the bot makes way for a person, and is back when the person has gone', async (t) => {
  await using baton = await openBaton();
  const page = await baton.page();
  await baton.app({ primary: true, program: openBot });
  const budi = await baton.customer();
  await budi.says('When do you open?');
  await budi.sees('07:00');
  await page.inbox.replies(budi.psid, 'Hello Budi, Ana here.');
  await budi.says('Is the coffee good?');
  await baton.settled();
  t.assert.equal((await budi.screen()).at(-1)?.from, 'customer');
  await baton.clock.advance('25h');
  await budi.says('What is on the menu?');
  await budi.sees('Kopi susu');
});
