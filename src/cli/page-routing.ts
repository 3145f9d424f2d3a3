/** `baton page routing`: what the other mode would change on a page, and the switch (R9). */

import { readCall, usage } from './usage.ts';

const MODES = ['handover', 'conversation_routing'];

export async function routePage(args: readonly string[]): Promise<number> {
  const options = { to: { type: 'string' }, report: { type: 'boolean' } } as const;
  const call = readCall('page routing', args, { takes: ['a page'], options });
  if (call === null) return 2;
  const to = call.read.text('to');
  if (to === null || !MODES.includes(to)) return usage('page routing', `--to must be ${MODES.join(' or ')}`);
  const path = `/admin/pages/${call.names[0]}/routing`;
  const isReport = call.read.flag('report');
  const answer = isReport ? await call.ask('GET', `${path}?to=${to}`) : await call.ask('POST', path, { to });
  process.stdout.write(describe(answer as Report, isReport));
  return 0;
}

type Call = { readonly call: string; readonly threads: number };
type Report = {
  readonly page: string;
  readonly from: string;
  readonly to: string;
  readonly threads: number;
  readonly threads_changed: number;
  readonly requests_dropped: number;
  readonly leads_changed: number;
  readonly apps: readonly {
    readonly app_id: string;
    readonly name: string;
    readonly loses: readonly Call[];
    readonly gains: readonly Call[];
  }[];
  readonly examples: readonly {
    readonly psid: string;
    readonly owner_app_id: string | null;
    readonly dropped: readonly string[];
    readonly lead: { readonly before: string | null; readonly after: string | null } | null;
  }[];
};

/** What an app can do, as an operator would say it. */
const WORDS: Readonly<Record<string, string>> = {
  send: 'messages',
  survey: 'surveys',
  pass: 'pass_thread_control',
  take: 'take_thread_control',
  request: 'request_thread_control',
  release: 'release_thread_control',
  extend: 'extend_thread_control',
  pass_metadata: 'pass_thread_metadata',
  set_menu: 'the menu of the customer',
  thread_owner: 'who has control, in thread_owner',
  thread_requests: 'the queue of requests',
};

const wordsOf = ({ call, threads }: Call): string =>
  `${WORDS[call] ?? call} (${threads} ${threads === 1 ? 'conversation' : 'conversations'})`;

function describe(report: Report, isReport: boolean): string {
  const { page, from, to } = report;
  if (from === to) return `Page ${page} is in ${to} mode already.\n`;
  const head = isReport
    ? `Page ${page} is in ${from} mode. Under ${to} this would change:`
    : `Page ${page} is in ${to} mode now; it was in ${from}. This has changed:`;
  const lines = [
    head,
    '',
    `  ${report.threads_changed} of ${report.threads} conversations are treated otherwise`,
    `  ${report.leads_changed} have another app answer first`,
    `  ${report.requests_dropped} open requests are dropped`,
    '  owners, ends of control, held surveys and menus stay as they are',
    ...report.apps.flatMap(({ app_id, name, loses, gains }) => [
      '',
      `  ${name} (${app_id})`,
      ...loses.map((each) => `    loses ${wordsOf(each)}`),
      ...gains.map((each) => `    gains ${wordsOf(each)}`),
    ]),
    ...examplesOf(report),
  ];
  return `${lines.join('\n')}\n`;
}

function examplesOf({ examples, threads_changed }: Report): readonly string[] {
  if (examples.length === 0) return [];
  const shown = examples.map(({ psid, owner_app_id, dropped, lead }) => {
    const parts = [
      owner_app_id === null ? 'nobody has control' : `${owner_app_id} has control`,
      ...(lead === null ? [] : [`${lead.before ?? 'nobody'} answers first, then ${lead.after ?? 'nobody'}`]),
      ...(dropped.length === 0 ? [] : [`dropped: requests of ${dropped.join(', ')}`]),
    ];
    return `    ${psid}: ${parts.join('; ')}`;
  });
  return ['', `  conversations, ${examples.length} of ${threads_changed}:`, ...shown];
}
