/**
 * The conformance suite of the store's port: what every adapter must do, and the traps that adapters fall into. An
 * adapter's own test file calls `storeSuite` and adds only what is particular to it.
 */

import { describe } from 'node:test';
import { alarmChecks } from './store-suite/alarms.ts';
import { answerChecks } from './store-suite/answers.ts';
import { attachmentChecks } from './store-suite/attachments.ts';
import { attemptChecks } from './store-suite/attempts.ts';
import { batchChecks } from './store-suite/batches.ts';
import { claimChecks } from './store-suite/claims.ts';
import { commitChecks } from './store-suite/commits.ts';
import { configurationChecks } from './store-suite/configuration.ts';
import { erasureChecks } from './store-suite/erasure.ts';
import { keepingChecks } from './store-suite/keeping.ts';
import { outboxChecks } from './store-suite/outbox.ts';
import { readChecks } from './store-suite/reads.ts';
import { createChecks, type OpenSubject } from './store-suite/subject.ts';
import { textChecks } from './store-suite/texts.ts';

/**
 * Registers the suite with `node:test`.
 * @param name of the adapter
 * @param open gives each test a fresh, empty store
 * @param options `keeps`: whether the store keeps anything when it is closed
 */
export function storeSuite(name: string, open: OpenSubject, { keeps = true } = {}): void {
  const checks = createChecks(open, keeps);
  const groups = {
    commits: commitChecks,
    batches: batchChecks,
    alarms: alarmChecks,
    reads: readChecks,
    outbox: outboxChecks,
    claims: claimChecks,
    configuration: configurationChecks,
    'attempts and settings': attemptChecks,
    keeping: keepingChecks,
    answers: answerChecks,
    attachments: attachmentChecks,
    texts: textChecks,
    erasure: erasureChecks,
  };
  describe(`${name} store`, () => {
    for (const [title, register] of Object.entries(groups)) describe(title, () => register(checks));
  });
}
