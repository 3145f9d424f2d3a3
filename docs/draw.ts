/** Draws what the manual takes from the code: `npm run draw`. A test fails when a drawing is out of date. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { USAGE } from '../src/cli/commands.ts';
import { MAX_LABEL_VALUES } from '../src/observe/meters.ts';
import { METRICS } from '../src/observe/metrics.ts';
import {
  allowedCalls,
  PAGE_PERMISSIONS,
  PERMISSIONS,
  STANDINGS,
  type Verdict,
} from '../src/protocol/permissions.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const FILE = path.join(import.meta.dirname, 'reference/permissions.md');
const LIMITS_FILE = path.join(import.meta.dirname, 'reference/limits.md');
const COMMANDS_FILE = path.join(import.meta.dirname, 'reference/cli.md');
const METRICS_FILE = path.join(import.meta.dirname, 'reference/metrics.md');

const HEAD = `# Who may do what

Drawn from \`src/protocol/permissions.ts\` by \`npm run draw\`. *Owner* is the app that has control, whatever else it is;
on an idle thread nobody is. *Lead* is the primary receiver, under Conversation Routing the default app; a page is *led*
where it names one that is connected. A word in \`code\` is the reason of the refusal (see [errors](errors.md)).

- *human agent*: only tagged \`HUMAN_AGENT\`, with the Human Agent feature (H1); under Conversation Routing with the right
  to take besides, and then the send takes control (R11).
- *take right*: only apps to which the page gave "take control of conversations" (R3).
- *held*: accepted, and delivered when the thread is idle (S1).
- *unnamed*: answered, without the owner's name (R6).
`;

const WORDS: Readonly<Record<string, string>> = {
  yes: 'yes',
  human_agent: '*human agent*',
  take_right: '*take right*',
  hold: '*held*',
  unnamed: '*unnamed*',
};
const cell = (verdict: Verdict): string => WORDS[verdict] ?? `\`${verdict}\``;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The page of the manual that shows the permission table. */
export function drawPermissions(): string {
  const idle = STANDINGS.filter((standing) => standing !== 'owner');
  const heads = [
    'call',
    ...idle.map((name) => `idle: ${name}`),
    ...STANDINGS.map((name) => `owned: ${name}`),
  ];
  const modes = Object.entries(PERMISSIONS).map(([mode, calls]) => {
    const rows = Object.entries(calls).map(([call, { idle: free, owned }]) =>
      row([
        `\`${call}\``,
        ...idle.map((name) => cell(free[name])),
        ...STANDINGS.map((name) => cell(owned[name])),
      ]),
    );
    return [`## Mode \`${mode}\``, '', row(heads), row(heads.map(() => '---')), ...rows].join('\n');
  });
  const pages = Object.entries(PAGE_PERMISSIONS).map(([mode, calls]) => {
    const heads = ['call of a page', 'led: lead', 'led: other', 'not led'];
    const rows = Object.entries(calls).map(([call, { led, unled }]) =>
      row([`\`${call}\``, cell(led.lead), cell(led.other), cell(unled)]),
    );
    return [
      `## Calls of a page, mode \`${mode}\``,
      '',
      row(heads),
      row(heads.map(() => '---')),
      ...rows,
    ].join('\n');
  });
  const other = allowedCalls('handover', 'other', true, null).join('`, `');
  const note = `A refusal tells its caller what it may do instead: an app that is neither owner nor lead, on an owned thread, may \`${other}\`.`;
  return [HEAD, ...modes, '', ...pages, '', note, ''].join('\n');
}

const LIMITS_HEAD = `# Limits

Drawn from \`src/\` by \`npm run draw\`: every maximum that the server, and the SDK (\`sdk/\`), keep to, where it stands, and
what it is of. Texts are counted in Unicode characters. A call over a limit is refused with the name of its parameter; when a queue is full it is
answered 503, code 2, with \`Retry-After\`, and has done nothing. How many calls an app may make is told in
[rate limit](rate-limit.md). Each of these is reached by a test that bears its name.

| name | value | of | in |
| --- | --- | --- | --- |
`;

/** The page of the manual that shows every named maximum. */
export function drawLimits(): string {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('testing'))
    .sort();
  const rows = files.flatMap((file) => {
    const text = readFileSync(path.join(ROOT, 'src', file), 'utf8');
    const pattern = /(?:\/\*\* ((?:(?!\*\/)[\s\S])*?) \*\/\n)?(?:export )?const (MAX_\w+) = ([^;]+);/g;
    return [...text.matchAll(pattern)].map(([, doc = '', name = '', value = '']) =>
      row([
        `\`${name}\``,
        value.replace(/(?<=\d)_(?=\d)/g, ''),
        doc.replace(/\s*\n \* /g, ' '),
        `\`${file}\``,
      ]),
    );
  });
  return `${LIMITS_HEAD}${rows.join('\n')}\n`;
}

const COMMANDS_HEAD = `# Commands

Drawn by \`npm run draw\`: what \`baton help\` prints. A command ends with 0 when it is done, with 1 when it failed and with 2
when it was called wrongly; mistakes are told on standard error. Those that speak to a server find it, and the operator's
token, in \`operator.json\` in the data folder that \`--data\` names (default \`./baton-data\`): whoever can read that folder is
the operator. What is shown once, a secret or a token, is kept nowhere that it could be read from again.
`;

/** The page of the manual that shows the commands. */
export const drawCommands = (): string => `${COMMANDS_HEAD}\n\`\`\`text\n${USAGE}\`\`\`\n`;

const METRICS_HEAD = `# Metrics

Drawn from \`src/observe/metrics.ts\` by \`npm run draw\`: what \`/metrics\` tells, beside what \`prom-client\` knows of the
process (\`process_*\`, \`nodejs_*\`, from the first reading on). How to read it is told in [monitoring](../operating/monitoring.md).
A label has at most ${MAX_LABEL_VALUES} values; what comes beyond them is counted as \`other\`.

| name | type | labels | of |
| --- | --- | --- | --- |
`;

/** The page of the manual that shows every metric. */
export function drawMetrics(): string {
  const rows = Object.values(METRICS).map(({ name, type, labels, help }) =>
    row([`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help]),
  );
  return `${METRICS_HEAD}${rows.join('\n')}\n`;
}

/** The pages as they stand in the manual. */
export const drawnPermissions = (): string => readFileSync(FILE, 'utf8');
export const drawnLimits = (): string => readFileSync(LIMITS_FILE, 'utf8');
export const drawnCommands = (): string => readFileSync(COMMANDS_FILE, 'utf8');
export const drawnMetrics = (): string => readFileSync(METRICS_FILE, 'utf8');

if (import.meta.main) {
  writeFileSync(FILE, drawPermissions());
  writeFileSync(LIMITS_FILE, drawLimits());
  writeFileSync(COMMANDS_FILE, drawCommands());
  writeFileSync(METRICS_FILE, drawMetrics());
}
