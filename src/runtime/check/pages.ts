/** What of a page goes wrong: who answers first, who may act for it, what leads to apps that have left. */

import type { PersonId } from '../../protocol/ids.ts';
import { inboxOf } from '../../protocol/page.ts';
import type { Task } from '../../store/config.ts';
import { type Finding, found } from './finding.ts';
import type { PageView, View } from './view.ts';

export const checkPages = (view: View): readonly Finding[] =>
  view.pages.flatMap((page) => [
    ...checkLead(view, page),
    ...checkIdle(page),
    ...checkInbox(view, page),
    ...checkPeople(page),
    ...checkEntryPoints(view, page),
    ...checkProfile(view, page),
    ...checkApps(page),
  ]);

/** [P1, R1] Who answers first. */
function checkLead(view: View, { page, name, connected }: PageView): readonly Finding[] {
  const { id, lead, mode } = page;
  if (lead === null) return checkUnled({ page, name, connected });
  const title = mode === 'handover' ? 'primary receiver' : 'default app';
  const option = mode === 'handover' ? '--primary-receiver' : '--default-app';
  const connection = connected.find(({ app }) => app === lead);
  if (connection === undefined) {
    const instead = mode === 'handover' ? 'nobody answers first' : 'the inbox answers first';
    return [
      found(
        'lead_not_connected',
        { page: id, app: lead },
        {
          message: `${view.nameOf(lead)}, the ${title} of ${name}, is not connected to it: ${instead}.`,
          remedy: `Connect it, baton subscription set ${lead} --page ${id}, or name another: baton page set ${id} ${option} <app>`,
        },
      ),
    ];
  }
  if (connection.advancedAccess || connection.testers.length === 0) return [];
  return [
    found(
      'lead_reaches_testers_only',
      { page: id, app: lead },
      {
        message: `${view.nameOf(lead)}, the ${title} of ${name}, reaches only its ${connection.testers.length} testers: to all other customers nobody of its kind answers first.`,
        remedy: `Put it live and grant it access: baton app live ${lead} on; baton app review ${lead} --grant pages_messaging`,
      },
    ),
  ];
}

/** [P1, C2] A page may do without a primary receiver; with several apps that is seldom meant. */
function checkUnled({ page: { id, mode }, name, connected }: Omit<PageView, 'record'>): readonly Finding[] {
  if (mode !== 'handover' || connected.length < 2) return [];
  return [
    found(
      'no_primary_receiver',
      { page: id },
      {
        message: `${name} names no primary receiver: a new conversation belongs to nobody until one of its ${connected.length} apps takes it, and nobody has to.`,
        remedy: `Name the app that answers first: baton page set ${id} --primary-receiver <app>`,
      },
    ),
  ];
}

/** [W4, C5] On an idle thread everybody may send: apps that hear it as owners do will answer all at once. */
function checkIdle({ page: { id, lead, mode, idleChannel }, name, connected }: PageView): readonly Finding[] {
  const isHeard = mode === 'handover' && lead === null && idleChannel === 'messages';
  if (!isHeard || connected.length < 2) return [];
  return [
    found(
      'many_may_answer',
      { page: id },
      {
        message: `${name} sets idle_channel to messaging: while nobody has control each of its ${connected.length} apps hears the customer as if it had, and several may answer.`,
        remedy: `Leave it as by default, baton page set ${id} --idle-channel default, or name who answers first: baton page set ${id} --primary-receiver <app>`,
      },
    ),
  ];
}

/** [R10] Where the inbox answers first, somebody must be able to sit there. In a sandbox no one signs in. */
function checkInbox(
  { person, sandbox }: View,
  { page, record, name, connected }: PageView,
): readonly Finding[] {
  const { id, lead, mode } = page;
  if (sandbox || mode !== 'conversation_routing') return [];
  if (lead !== null && connected.some(({ app }) => app === lead)) return [];
  const canSignIn = (id: PersonId): boolean => (person(id)?.passwordHash ?? null) !== null;
  if (record.people.some((each) => each.tasks.some(mayAnswer) && canSignIn(each.person))) return [];
  return [
    found(
      'inbox_unattended',
      { page: id, app: inboxOf(page) },
      {
        message: `The inbox answers first on ${name}, and nobody who may answer there can sign in: customers wait.`,
        remedy: `Name a default app, baton page set ${id} --default-app <app>, or give a person of the page a password: baton person set <person> --password-file <file>`,
      },
    ),
  ];
}

const mayAnswer = (task: Task): boolean => task === 'MESSAGING' || task === 'MODERATE';

/** [A1] Every call of an app has a person behind it. */
function checkPeople({ page: { id }, record, name, connected }: PageView): readonly Finding[] {
  if (connected.length === 0) return [];
  const tasks = record.people.flatMap((each) => each.tasks);
  const remedy = `Give a person the task: baton person tasks <person> ${id} --set MODERATE,MESSAGING`;
  if (!tasks.some(mayAnswer)) {
    const message = `Nobody has the task MESSAGING or MODERATE on ${name}: every message and every control call of its apps is refused.`;
    return [found('nobody_may_send', { page: id }, { message, remedy })];
  }
  if (tasks.includes('MODERATE')) return [];
  const message = `Nobody has the task MODERATE on ${name}: its apps can send, and every control call is refused.`;
  return [found('nobody_may_moderate', { page: id }, { message, remedy })];
}

/** [E1, C17] Ads and links of an app that has left are passed over. */
function checkEntryPoints(view: View, { page, name, connected }: PageView): readonly Finding[] {
  const { id, entryPoints } = page;
  return entryPoints
    .filter((entry) => !connected.some(({ app }) => app === entry.app))
    .map(({ source, key, app }) => {
      const [what, option] = source === 'ADS' ? ['ad', '--ad'] : ['link', '--ref'];
      return found(
        'entry_point_not_connected',
        { page: id, app },
        {
          message: `The ${what} ${key} of ${name} leads to ${view.nameOf(app)}, which is not connected: its customers go to whoever has them otherwise.`,
          remedy: `Connect the app, baton subscription set ${app} --page ${id}, or assign another: baton page entry-point ${id} ${option} ${key} --app <app>`,
        },
      );
    });
}

/** [M6] What an app has made is hidden while it is not connected. */
function checkProfile(view: View, { page, name, connected }: PageView): readonly Finding[] {
  return Object.entries(page.profile).flatMap(([part, { maker: app }]) => {
    if (connected.some((each) => each.app === app)) return [];
    return [
      found(
        'profile_hidden',
        { page: page.id, app },
        {
          message: `Customers of ${name} do not see its ${part}: ${view.nameOf(app)}, which made it, is not connected.`,
          remedy: `Connect the app, baton subscription set ${app} --page ${page.id}, or let another app set its own.`,
        },
      ),
    ];
  });
}

function checkApps({ page: { id }, name, connected }: PageView): readonly Finding[] {
  if (connected.length > 0) return [];
  return [
    found(
      'page_without_apps',
      { page: id },
      {
        message: `No app is connected to ${name}: only its inbox hears customers.`,
        remedy: `Connect one: baton subscription set <app> --page ${id}`,
      },
    ),
  ];
}
