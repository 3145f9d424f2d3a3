/** `baton thread <page> <psid>`: who has a conversation, why, and who was told what. */

import { readThreadReport } from '../read-thread.ts';
import { complain, DEFAULT_DATA, readArguments } from './arguments.ts';
import { when } from './usage.ts';

type Report = NonNullable<Awaited<ReturnType<typeof readThreadReport>>>;

export async function threadCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('thread', args, { data: { type: 'string' } });
  if (read === null) return 2;
  const [page, psid, ...rest] = read.positionals;
  if (page === undefined || psid === undefined || rest.length > 0) {
    complain('thread', 'takes a page and a psid');
    return 2;
  }
  const data = read.text('data') ?? DEFAULT_DATA;
  const report = await readThreadReport(data, { page, psid });
  if (report === null) {
    complain('thread', `nothing is known of customer ${psid} on page ${page} in ${data}`);
    return 1;
  }
  process.stdout.write(describe(report));
  return 0;
}

function describe(report: Report): string {
  const lines = [report.page, ...describeControl(report)];
  if (report.requests.length > 0) {
    lines.push('', 'Waiting for control');
    for (const { app, requestedAt, metadata } of report.requests) {
      const said = metadata === null ? '' : `: ${JSON.stringify(metadata)}`;
      lines.push(`  ${when(requestedAt)}  ${report.nameOf(app)}${said}`);
    }
  }
  lines.push('', 'History', ...describeHistory(report));
  lines.push('', 'Events', ...report.events.flatMap((event) => describeEvent(report, event)));
  return `${lines.join('\n')}\n`;
}

function describeControl({ control, folder, epoch, history, nameOf }: Report): string[] {
  const last = history.at(-1);
  const why = last === undefined ? 'nobody has asked for control yet' : `${last.cause}, ${when(last.at)}`;
  if (control === null) return ['Owner   nobody: the thread is idle', `Why     ${why}`, `Folder  ${folder}`];
  if ('cause' in control) {
    const ended = `${nameOf(control.owner)} had control until ${when(control.at)}`;
    return ['Owner   nobody: the thread is idle', `Why     ${control.cause}: ${ended}`, `Folder  ${folder}`];
  }
  return [
    `Owner   ${nameOf(control.owner)}`,
    `Until   ${when(control.until)}`,
    `Why     ${why}`,
    `Folder  ${folder}`,
    `Epoch   ${epoch}`,
  ];
}

function describeHistory({ history, nameOf }: Report): string[] {
  if (history.length === 0) return ['  none yet'];
  return history.map(({ seq, at, cause, actor, previous, next }) => {
    const by = actor === null ? '' : ` by ${nameOf(actor)}`;
    return `  ${String(seq).padStart(4)}  ${when(at)}  ${cause}${by}: ${nameOf(previous)} -> ${nameOf(next)}`;
  });
}

function describeEvent({ nameOf }: Report, event: Report['events'][number]): string[] {
  const head = `  ${String(event.seq).padStart(4)}  ${when(event.at)}  ${event.type}`;
  const told = event.audience.map(({ app, channel, outcome, state }) =>
    outcome.told
      ? `          ${nameOf(app)}: ${state} on ${channel}, number ${outcome.laneSeq} of its lane`
      : `          ${nameOf(app)}: not told on ${channel}: ${outcome.reason}${outcome.field === null ? '' : ` ${outcome.field}`}`,
  );
  return [head, ...told];
}
