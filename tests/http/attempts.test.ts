/** Against guessing passwords: how many wrong ones for a person, from an address, and at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ATTEMPTS_MS,
  type Attempts,
  createAttempts,
  MAX_ATTEMPTS_A_PERSON,
  MAX_ATTEMPTS_AN_ADDRESS,
  MAX_CHECKS_A_NETWORK,
  MAX_CHECKS_AT_ONCE,
  MAX_WAITING_CHECKS,
  MAX_WATCHED,
} from '../../src/http/dialog/attempts.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';

function open() {
  const clock = simulatedClock(1_800_000_000_000);
  const attempts = createAttempts(clock.now);
  const looked: string[] = [];
  const look = (person: string, address: string, isRight: boolean) =>
    attempts.check({ person, address }, async () => {
      looked.push(person);
      return isRight;
    });
  return {
    clock,
    attempts,
    /** Whose passwords have been looked at. */
    looked,
    wrong: (person: string, address: string) => look(person, address, false),
    right: (person: string, address: string) => look(person, address, true),
  };
}

test(`[limit MAX_ATTEMPTS_A_PERSON] [A5] ${MAX_ATTEMPTS_A_PERSON} wrong passwords for a person, from wherever; then none is looked at for a quarter of an hour`, async () => {
  const { clock, looked, wrong, right } = open();
  for (let tries = 1; tries <= MAX_ATTEMPTS_A_PERSON; tries++)
    assert.equal(await wrong('ana', `address ${tries}`), false);
  assert.equal(looked.length, MAX_ATTEMPTS_A_PERSON);
  assert.equal(await right('ana', 'another'), null, 'be it the right one');
  assert.equal(looked.length, MAX_ATTEMPTS_A_PERSON);
  assert.equal(await right('budi', 'address 1'), true, 'others are let in');
  clock.advance(ATTEMPTS_MS - 1);
  assert.equal(await right('ana', 'another'), null, 'to be refused puts nothing off');
  clock.advance(1);
  assert.equal(await right('ana', 'another'), true);
});

test(`[limit MAX_ATTEMPTS_AN_ADDRESS] [A5] ${MAX_ATTEMPTS_AN_ADDRESS} wrong passwords from an address, for whomever; then none is looked at for a quarter of an hour`, async () => {
  const { clock, looked, wrong, right } = open();
  for (let tries = 1; tries <= MAX_ATTEMPTS_AN_ADDRESS; tries++)
    assert.equal(await wrong(`person ${tries}`, 'proxy'), false);
  assert.equal(await right('ana', 'proxy'), null, 'be it the right one');
  assert.equal(looked.length, MAX_ATTEMPTS_AN_ADDRESS);
  assert.equal(await right('ana', 'another'), true, 'elsewhere she is let in');
  clock.advance(ATTEMPTS_MS - 1);
  assert.equal(await right('ana', 'proxy'), null);
  clock.advance(1);
  assert.equal(await right('ana', 'proxy'), true);
});

test('a right password does not count, and one that is still looked at does', async () => {
  const { attempts, wrong, right } = open();
  for (let tries = 0; tries <= MAX_ATTEMPTS_AN_ADDRESS; tries++)
    assert.equal(await right('ana', 'home'), true);
  for (let tries = 1; tries < MAX_ATTEMPTS_A_PERSON; tries++) await wrong('ana', 'home');
  const gate = Promise.withResolvers<boolean>();
  const last = attempts.check({ person: 'ana', address: 'home' }, () => gate.promise);
  assert.equal(await right('ana', 'home'), null, 'two at once gain nothing');
  gate.resolve(true);
  assert.equal(await last, true);
  assert.equal(await right('ana', 'home'), true, 'it was right: it is taken back');
});

/** A password that is looked at for as long as its gate is shut. */
function slowLook(attempts: Attempts, person: string, address: string) {
  const gate = Promise.withResolvers<boolean>();
  const look = { isBegun: false, gate, done: Promise.resolve<boolean | null>(null) };
  look.done = attempts.check({ person, address }, () => {
    look.isBegun = true;
    return gate.promise;
  });
  return look;
}

test(`[limit MAX_CHECKS_AT_ONCE] [A5] ${MAX_CHECKS_AT_ONCE} passwords are looked at at once; another waits for its turn, and is let in`, async () => {
  const { attempts, looked, right } = open();
  const slow = Array.from({ length: MAX_CHECKS_AT_ONCE }, (_, index) =>
    slowLook(attempts, `person ${index}`, 'guesser'),
  );
  const waiting = right('ana', 'home');
  await pause(5);
  assert.deepEqual(new Set(slow.map(({ isBegun }) => isBegun)), new Set([true]));
  assert.deepEqual(looked, []);
  const [first, ...others] = slow;
  first?.gate.reject(new Error('cannot be looked at'));
  await assert.rejects(async () => first?.done, /cannot be looked at/);
  assert.equal(await waiting, true, 'one that fails makes room, too');
  for (const { gate } of others) gate.resolve(true);
  await Promise.all(others.map(({ done }) => done));
  assert.equal(await right('budi', 'home'), true);
});

test(`[limit MAX_CHECKS_A_NETWORK] [A5] a network has ${MAX_CHECKS_A_NETWORK} passwords looked at or waiting; another is refused there, and that counts as no attempt`, async () => {
  const { attempts, right } = open();
  const slow = Array.from({ length: MAX_CHECKS_A_NETWORK }, (_, index) =>
    slowLook(attempts, `person ${index}`, `2001:db8::${index + 1}`),
  );
  for (let tries = 0; tries < MAX_ATTEMPTS_A_PERSON; tries++)
    assert.equal(await right('ana', '2001:db8::ffff'), null, 'the addresses of a network are one');
  const elsewhere = right('ana', '2001:db8:1::1');
  for (const { gate } of slow) gate.resolve(true);
  assert.equal(await elsewhere, true);
  await Promise.all(slow.map(({ done }) => done));
  assert.equal(await right('ana', '2001:db8::ffff'), true);
});

test(`[limit MAX_WAITING_CHECKS] ${MAX_WAITING_CHECKS} passwords wait, those who came first are first; another is refused`, async () => {
  const { attempts, looked, right } = open();
  const slow = Array.from({ length: MAX_CHECKS_AT_ONCE }, (_, index) =>
    slowLook(attempts, `slow ${index}`, `slow ${index}`),
  );
  const names = Array.from({ length: MAX_WAITING_CHECKS }, (_, index) => `person ${index}`);
  const waiting = names.map((name) => right(name, name));
  assert.equal(await right('ana', 'home'), null);
  for (const { gate } of slow) gate.resolve(true);
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set([true]));
  assert.deepEqual(looked, names);
  assert.equal(await right('ana', 'home'), true);
});

test('[A5] all addresses of an IPv6 network guess together', async () => {
  const { wrong, right } = open();
  for (let tries = 1; tries <= MAX_ATTEMPTS_AN_ADDRESS; tries++)
    assert.equal(await wrong(`person ${tries}`, `2001:db8:0:1::${tries.toString(16)}`), false);
  assert.equal(await right('ana', '2001:db8:0:1:ffff::1'), null);
  assert.equal(await right('ana', '2001:db8:0:2::1'), true);
});

test(`[limit MAX_WATCHED] ${MAX_WATCHED} people and ${MAX_WATCHED} networks are kept an eye on; one more, and the one that has been quiet the longest is forgotten`, async () => {
  const { wrong, right } = open();
  for (const name of ['ana', 'budi'])
    for (let tries = 0; tries < MAX_ATTEMPTS_A_PERSON; tries++) await wrong(name, `of ${name}`);
  for (let tries = 0; tries < MAX_ATTEMPTS_AN_ADDRESS; tries++) await wrong(`${tries}`, 'guesser');
  for (let watched = 2 + MAX_ATTEMPTS_AN_ADDRESS; watched < MAX_WATCHED; watched++)
    await wrong(`person ${watched}`, `of ${watched % 1_000}`);
  assert.equal(await right('ana', 'home'), null, 'she is remembered');
  await wrong('one more', 'elsewhere');
  assert.equal(await right('budi', 'home'), null, 'he is remembered still');
  assert.equal(await right('ana', 'home'), true, 'she has been forgotten');
  assert.equal(await right('ana', 'guesser'), null, 'people push out no network');
});
