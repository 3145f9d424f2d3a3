import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppId, Psid } from '../../src/protocol/ids.ts';
import {
  renderReceivers,
  renderRequests,
  renderSent,
  renderSuccess,
  renderThreadOwner,
} from '../../src/wire/answers.ts';
import { MID } from './calls.ts';

const BOT = '2001' as AppId;

test('a change of control answers success', () => assert.deepEqual(renderSuccess(), { success: true }));

test('a send answers both ids, a sender action the customer’s', () => {
  const psid = '5001' as Psid;
  assert.deepEqual(renderSent(psid, MID), { recipient_id: '5001', message_id: 'm_1' });
  assert.deepEqual(renderSent(psid, null), { recipient_id: '5001' });
});

test('[C11] [I3] the owner’s id is a string, the expiration in seconds rounded down', () => {
  const control = { owner: BOT, until: 1_700_000_000_999 };
  const owner = { app_id: '2001', expiration: 1_700_000_000 };
  assert.deepEqual(renderThreadOwner(control), { data: [{ thread_owner: owner }] });
  assert.deepEqual(renderThreadOwner(control, 0), { data: [{ thread_owner: owner, control_epoch: 0 }] });
});

test('[C11] an idle thread has an empty owner in its place', () => {
  assert.deepEqual(renderThreadOwner(null), { data: [{ thread_owner: {} }] });
  assert.deepEqual(renderThreadOwner(null, 3), { data: [{ thread_owner: {}, control_epoch: 3 }] });
});

test('[K4] the queue of requests', () => {
  const requests = [
    { app: BOT, connection: 0, switches: 0, requestedAt: 1_700_000_000_999, metadata: null },
    { app: '2002' as AppId, connection: 3, switches: 0, requestedAt: 1_700_000_001_000, metadata: 'm' },
  ];
  assert.deepEqual(renderRequests(requests), {
    data: [
      { app_id: '2001', requested_at: 1_700_000_000, metadata: null },
      { app_id: '2002', requested_at: 1_700_000_001, metadata: 'm' },
    ],
  });
});

test('[P7] the other apps', () => {
  assert.deepEqual(renderReceivers([{ app: BOT, name: 'FAQ bot' }]), {
    data: [{ id: '2001', name: 'FAQ bot' }],
  });
});
