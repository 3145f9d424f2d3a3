/**
 * Stories as text: a line that begins with `> ` is a command, lines that begin with two blanks are what came of it,
 * anything else is prose. `replay` plays the commands and gives the whole text as it should read.
 *
 * The first command is the page: `> page messenger: BOT, DESK; primary BOT; ad 777 to BOT for 3 days`, under
 * Conversation Routing with `default BOT` in the place of `primary BOT`, or `default INBOX`. `humans DESK` says that it has
 * the Human Agent feature. Day 1 00:00:00 is when the story begins.
 */

import { askOwner, askRequests } from '../protocol/ask.ts';
import type { Command } from '../protocol/command.ts';
import type { Recorded } from '../protocol/event.ts';
import { type AppId, isInbox } from '../protocol/ids.ts';
import type { Outgoing } from '../protocol/message.ts';
import type { Mode } from '../protocol/modes.ts';
import { type Channel, type EntryPoint, inboxOf } from '../protocol/page.ts';
import { DAY_MS, HOUR_MS, type Instant, SECOND_MS } from '../protocol/time.ts';
import { given, type Scenario, START } from './scenario.ts';
import * as say from './scenario-commands.ts';

/** A story under way: the page's apps by name, and what has been printed of it. */
type Stage = {
  readonly story: Scenario;
  readonly names: ReadonlyMap<string, AppId>;
  readonly printed: { lines: number; control: string };
};

const MS_OF: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: SECOND_MS,
  minute: 60 * SECOND_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};

/** The text with everything that comes of its commands written anew. */
export function replay(text: string): string {
  let stage: Stage | null = null;
  const lines = text.split('\n').filter((line) => !line.startsWith('  '));
  const out = lines.flatMap((line) => {
    if (!line.startsWith('> ')) return [line];
    const command = line.slice(2);
    if (stage === null) {
      stage = raise(command);
      return [line];
    }
    stage.story.hush();
    return [line, ...perform(stage, command), ...changes(stage)].map((each, index) =>
      index === 0 ? each : `  ${each}`,
    );
  });
  return out.join('\n');
}

function raise(command: string): Stage {
  const [head = '', ...rest] = command.split('; ');
  const [, platform, list] = matched(head, /^page (messenger|instagram): (.+)$/);
  const names = new Map((list ?? '').split(', ').map((name, index) => [name, say.appId(`${2001 + index}`)]));
  const find = (name: string | undefined): AppId => found(names.get(name ?? ''), name);
  let primary: AppId | null = null;
  let mode: Mode = 'handover';
  const entryPoints: EntryPoint[] = [];
  let humans: AppId | null = null;
  for (const part of rest) {
    const [, role, first] = part.match(/^(primary|default|humans) (\w+)$/) ?? [];
    if (role === 'humans') {
      humans = find(first);
    } else if (first !== undefined) {
      primary = first === 'INBOX' ? null : find(first);
      mode = role === 'default' ? 'conversation_routing' : 'handover';
    } else {
      const [, kind, key = '', app, days] = matched(part, /^(ad|link) (\w+) to (\w+) for (\d+) days?$/);
      entryPoints.push({
        source: kind === 'ad' ? 'ADS' : 'SHORTLINK',
        key,
        app: find(app),
        days: Number(days),
      });
    }
  }
  const apps = [...names].map(([name, app]) => [app, { name, humanAgent: app === humans }] as const);
  const story = given({
    platform: platform === 'instagram' ? 'instagram' : 'messenger',
    mode,
    primary,
    entryPoints,
    apps,
  });
  names.set('INBOX', inboxOf(story.page()));
  return { story, names, printed: { lines: 0, control: '' } };
}

/** Plays one line, and says what answered it. */
function perform({ story, names }: Stage, line: string): readonly string[] {
  const [, amount, unit = ''] = line.match(/^(\d+) (\w+?)s? later$/) ?? [];
  if (amount !== undefined) {
    story.wait(Number(amount) * found(MS_OF[unit], unit));
    return [`it is ${clock(story.now())}`];
  }
  const [, who = '', verb = '', tail = ''] = matched(line, /^(\w+) (\w+)(?: (.+))?$/);
  if (who === 'page') {
    story.switchTo(matched(tail, /^to (handover|conversation_routing)$/)[1] as Mode);
    return [];
  }
  if (who === 'customer') return play(story, names, customerCommand(names, verb, tail));
  const app = found(names.get(who), who);
  if (verb === 'asks') return [ask(story, names, app, tail)];
  return play(story, names, appCommand(names, { app, verb, tail }));
}

function customerCommand(names: ReadonlyMap<string, AppId>, verb: string, tail: string): Command {
  const [, kind, key = ''] = tail.match(/through (ad|link) (\w+)$/) ?? [];
  const referral = kind === undefined ? null : kind === 'ad' ? say.ad(key) : say.link(key);
  switch (verb) {
    case 'writes':
      return say.write(quoted(tail) ?? '', { referral });
    case 'comes':
      return say.come(found(referral, tail));
    case 'taps': {
      const [, maker = ''] = matched(tail, /^a button of (\w+)/);
      return say.tap(found(names.get(maker), maker), { referral });
    }
    case 'reads':
      return say.read;
    case 'picks':
      return say.pick(Number(matched(tail, /^item (\d+)$/)[1]) - 1);
    case 'reacts':
      return say.react();
    case 'answers': {
      const [, maker = ''] = matched(tail, /^the survey of (\w+)$/);
      return say.answerSurvey(found(names.get(maker), maker));
    }
    default:
      throw new Error(`the customer ${verb}?`);
  }
}

type Line = { readonly app: AppId; readonly verb: string; readonly tail: string };

function appCommand(names: ReadonlyMap<string, AppId>, { app, verb, tail }: Line): Command {
  const metadata = quoted(tail);
  const [, to] = tail.match(/^(?:to )?(\w+)/) ?? [];
  switch (verb) {
    case 'passes':
      return say.pass(app, to === undefined ? null : found(names.get(to), to), { metadata });
    case 'takes':
      return say.take(app, { metadata });
    case 'requests':
      return say.request(app, { metadata });
    case 'releases':
      return say.release(app, { metadata });
    case 'extends': {
      const [, amount, unit = ''] = matched(tail, /^by (\d+) (\w+?)s?$/);
      return say.extend(app, (Number(amount) * found(MS_OF[unit], unit)) / SECOND_MS);
    }
    case 'tells':
      return say.tell(app, found(names.get(to ?? ''), to), metadata ?? '');
    case 'sends':
      return say.send(app, { text: metadata ?? '', ...afterwards(names, tail) });
    case 'surveys':
      return say.survey(app, `m_${(metadata ?? '').replaceAll(/\W/g, '')}`, { text: metadata ?? '' });
    case 'offers':
      return say.setMenu(
        app,
        [...tail.matchAll(/"(.*?)"/g)].map(([, item = '']) => item),
      );
    case 'replies':
      return say.reply(metadata ?? '');
    case 'moves':
      return say.move(matched(tail, /^to (main|general|done)$/)[1] as 'main');
    default:
      throw new Error(`an app ${verb}?`);
  }
}

/** [R5, R11] What a send does to control; `by hand`: it is tagged `HUMAN_AGENT`. */
function afterwards(
  names: ReadonlyMap<string, AppId>,
  tail: string,
): Pick<say.SendMore, 'control' | 'humanAgent'> {
  const [, tag, verb, to] = tail.match(/"( by hand)?(?: and (passes|releases)(?: to (\w+))?)?$/) ?? [];
  const humanAgent = tag !== undefined;
  if (verb === undefined) return { humanAgent };
  if (verb === 'releases') return { humanAgent, control: say.releasing };
  return { humanAgent, control: say.passing(to === undefined ? null : found(names.get(to), to)) };
}

function play(story: Scenario, names: ReadonlyMap<string, AppId>, command: Command): readonly string[] {
  const decision = story.play(command);
  if (decision.ok) return [];
  const { reason, control, allowed } = decision.refusal;
  const who =
    control === null ? 'nobody' : control.owner === null ? 'somebody' : nameOf(names, control.owner.app);
  return [`refused, ${reason}: ${who} has control; allowed: ${allowed.join(', ')}`];
}

function ask(story: Scenario, names: ReadonlyMap<string, AppId>, app: AppId, what: string): string {
  const question = story.question(app);
  if (what === 'who has control') {
    const answer = askOwner(question);
    if (!answer.ok) return `refused, ${answer.refusal.reason}`;
    const control = answer.value;
    if (control === null) return 'nobody';
    const named = control.owner === null ? 'somebody' : nameOf(names, control.owner);
    return `${named} until ${clock(control.until)}`;
  }
  matched(what, /^who waits$/);
  const answer = askRequests(question);
  if (!answer.ok) return `refused, ${answer.refusal.reason}`;
  const waiting = answer.value.map(
    (each) => `${nameOf(names, each.app)} since ${clock(each.requestedAt)}${withMetadata(each.metadata)}`,
  );
  return waiting.join('; ') || 'nobody';
}

/** What has become visible since the last command: what each app heard, the history's new lines, control. */
function changes({ story, names, printed }: Stage): readonly string[] {
  const heard = [...names].flatMap(([name, app]) =>
    story
      .notices(app)
      .map(
        ({ channel, kind, recorded }) =>
          `-> ${name.padEnd(6)} ${channel.padEnd(8)} ${kind}${about(names, recorded, channel)}`,
      ),
  );
  const lines = story.lines();
  const history = lines.slice(printed.lines).map(({ at, previous, next, cause, metadata }) => {
    const change = `${nameOf(names, previous)} to ${nameOf(names, next)} by ${cause}`;
    return `history, ${clock(at)}: ${change}${withMetadata(metadata)}`;
  });
  const ends = story.endsAt();
  const owner = story.owner();
  const control = `control: ${nameOf(names, owner)}${ends === null ? '' : ` until ${clock(ends)}`}`;
  const folder = `folder: ${story.folder()}`;
  const standing = `${control}; ${folder}`;
  const news = standing === printed.control ? [] : [standing];
  printed.lines = lines.length;
  printed.control = standing;
  return [...heard, ...history, ...news];
}

/** What a notice is about, in a few words. */
function about(names: ReadonlyMap<string, AppId>, { event }: Recorded, channel: Channel): string {
  switch (event.type) {
    case 'control_changed':
      return `: ${nameOf(names, event.previous)} to ${nameOf(names, event.next)}${withMetadata(event.metadata)}`;
    case 'control_requested':
      return `: ${nameOf(names, event.app)}${withMetadata(event.metadata)}`;
    case 'metadata_passed':
      return `: from ${nameOf(names, event.app)}${withMetadata(event.metadata)}`;
    case 'message_sent':
      return `: ${nameOf(names, event.app)} ${saidIn(event.message)}`;
    case 'act_received': {
      const { act } = event;
      if (act.kind === 'message') return `: "${act.text}"`;
      if (act.kind !== 'postback') return '';
      return `: "${act.title}", ${channel === 'messages' ? `payload ${act.payload}` : 'no payload'}`;
    }
    default:
      return '';
  }
}

const saidIn = ({ text, attachment }: Outgoing): string =>
  attachment === null ? `"${text}"` : `survey "${String(attachment.payload['title'])}"`;

const withMetadata = (metadata: string | null): string => (metadata === null ? '' : `, "${metadata}"`);

function nameOf(names: ReadonlyMap<string, AppId>, app: AppId | null): string {
  if (app === null) return 'nobody';
  if (isInbox(app)) return 'INBOX';
  return [...names].find(([, each]) => each === app)?.[0] ?? app;
}

/** An instant as the story counts. */
function clock(at: Instant): string {
  const since = at - START;
  const time = new Date(since % DAY_MS).toISOString().slice(11, 23);
  return `day ${Math.floor(since / DAY_MS) + 1} ${time.replace(/\.000$/, '')}`;
}

/** What stands in quotes, or null. */
const quoted = (text: string): string | null => text.match(/"(.*)"/)?.[1] ?? null;

function matched(text: string, pattern: RegExp): RegExpMatchArray {
  return found(text.match(pattern), text);
}

function found<Value>(value: Value | null | undefined, text: string | undefined): Value {
  if (value === null || value === undefined) throw new Error(`what is "${text}"?`);
  return value;
}
