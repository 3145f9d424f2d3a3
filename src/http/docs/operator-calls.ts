/** What the manual page says of the calls for operators. */

import type { CallTexts } from './call.ts';

export const OPERATOR_CALLS: CallTexts = {
  'GET /healthz': {
    summary: 'Whether the process answers',
    text: 'Nothing else is looked at.',
    answer: { status: 'ok' },
  },
  'GET /readyz': {
    summary: 'Whether it may be given work',
    text: '503 until the world has been loaded and what waits has been found.',
    answer: { status: 'ready' },
  },
  'GET /metrics': {
    summary: 'Metrics for Prometheus',
    text: "The operator's, unless the server was started with `--metrics-open`.",
    answer: '# TYPE baton_commands_total counter\nbaton_commands_total{call="pass",outcome="ok"} 1\n',
  },
  'GET /admin/apps/:app/deliveries': {
    summary: "How an app's webhooks are doing",
    text: 'State, what waits, what was set aside, the latest attempts.',
    answer: { app_id: '2001', name: 'FAQ bot', webhooks: [], waiting: 0, set_aside: [], attempts: [] },
  },
  'POST /admin/apps/:app/resend': {
    summary: 'Send events again',
    text: 'Up to seven days back. Exactly one of the keys.',
    body: [
      { name: 'event_id', type: 'string', text: 'One event.' },
      { name: 'missed', type: 'boolean', text: 'What was missed while the webhooks were switched off.' },
      { name: 'set_aside', type: 'boolean', text: 'What was set aside.' },
      { name: 'since', type: 'integer', text: 'Everything from an instant on, in milliseconds since 1970.' },
    ],
    answer: { queued: 3 },
  },
  'POST /admin/apps/:app/switch_on': {
    summary: "Switch an app's webhooks on again",
    text: 'After they kept failing and were switched off. `switched_on`: how many of its callbacks were.',
    answer: { success: true, switched_on: 1 },
  },
};
