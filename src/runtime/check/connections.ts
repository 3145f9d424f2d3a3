/** What of an app on a page goes wrong: whom it reaches, and what it will not hear. */

import { type Field, namesField } from '../../protocol/fields.ts';
import { TRAITS } from '../../protocol/modes.ts';
import type { Connection, Page } from '../../protocol/page.ts';
import { objectOf } from '../../store/config.ts';
import { type Finding, type FindingCode, found } from './finding.ts';
import type { PageView, View } from './view.ts';

export const checkConnections = (view: View): readonly Finding[] => [
  ...view.pages.flatMap((page) =>
    page.connected.flatMap((connection) => [
      ...checkReach(view, page, connection),
      ...checkCallback(view, page, connection),
      ...checkFields(view, page, connection),
    ]),
  ),
  ...checkPermissions(view),
  ...checkStrays(view),
];

/** [A3, C16] Whom an app reaches. */
function checkReach(view: View, { page, name }: PageView, connection: Connection): readonly Finding[] {
  const { app, advancedAccess, testers } = connection;
  if (advancedAccess) return [];
  const about = { page: page.id, app };
  const isLive = view.app(app)?.live === true;
  const why = isLive ? 'has no advanced access to pages_messaging' : 'is in development';
  const live = isLive ? '' : `baton app live ${app} on; `;
  const open = `${live}baton app review ${app} --grant pages_messaging`;
  if (testers.length === 0) {
    const first = page.lead === app ? ', and it answers first there' : '';
    const message = `${view.nameOf(app)} ${why} and has no testers: on ${name} it hears nothing and can write to nobody${first}.`;
    const remedy = `Name testers, baton app set ${app} --testers <psid>,…, or open it to everybody: ${open}`;
    return [found('app_reaches_nobody', about, { message, remedy })];
  }
  // Told of the page, and worse there.
  if (page.lead === app) return [];
  const message = `${view.nameOf(app)} ${why}: on ${name} it reaches only its ${testers.length} testers.`;
  const remedy = `When it is ready: ${open}`;
  return [found(isLive ? 'app_without_access' : 'app_in_development', about, { message, remedy })];
}

/** [W6] An app without a callback hears nothing. */
function checkCallback(view: View, { page, name }: PageView, { app }: Connection): readonly Finding[] {
  const object = objectOf(page.platform);
  if (view.webhook(app, object) !== undefined) return [];
  const kind = object === 'page' ? 'instagram' : 'page';
  const other = view.webhook(app, kind) === undefined ? '' : ` (it has one for ${kind})`;
  const first = page.lead === app ? ', and it answers first there' : '';
  return [
    found(
      'callback_missing',
      { page: page.id, app, object },
      {
        message: `${view.nameOf(app)} has no callback for ${object}${other}: it hears nothing of ${name}${first}.`,
        remedy: `Set one: baton subscription set ${app} --object ${object} --url <callback> --verify-token-file <file>`,
      },
    ),
  ];
}

type Lack = { readonly code: FindingCode; readonly field: Field; readonly loses: string };

/** [W1] The fields that an app needs on a page and does not have, with what it will not hear for want of each. */
function lacksOf({ page, connected }: PageView, connection: Connection): readonly Lack[] {
  const { app, standbyAccess } = connection;
  const isAlone = connected.length === 1;
  const waiting = page.idleChannel ?? (isAlone ? 'messages' : 'standby');
  const isUnled = page.lead === null && TRAITS[page.mode].standIn === 'nobody';
  const isGiven = standbyAccess || !TRAITS[page.mode].standbyIsGiven;
  const lacks: Lack[] = [
    { code: 'messages_not_subscribed', field: 'messages', loses: 'it hears no message of a customer' },
    {
      code: 'handovers_not_subscribed',
      field: 'messaging_handovers',
      loses: 'it will not hear that it got control, lost it, or is asked for it',
    },
  ];
  if (isUnled && waiting === 'standby') {
    const loses = 'it will not hear that a message waits while nobody has control';
    lacks.push({ code: 'waiting_not_heard', field: 'standby', loses });
  } else if (isGiven) {
    const loses = `it will not hear what is said while ${isAlone ? 'the inbox' : 'another app'} has control`;
    lacks.push({ code: 'standby_not_subscribed', field: 'standby', loses });
  }
  if (makesTaps(page, connection)) {
    const loses = 'it made a menu or a button of the page, and will not hear that it is tapped';
    lacks.push({ code: 'postbacks_not_subscribed', field: 'messaging_postbacks', loses });
  }
  if (page.entryPoints.some((entry) => entry.app === app)) {
    const loses = 'it has ads or links of the page, and will not hear who comes back through them';
    lacks.push({ code: 'referrals_not_subscribed', field: 'messaging_referrals', loses });
  }
  return lacks;
}

/** [M5, B1] Whether a part of the page's profile brings taps to the app. */
const makesTaps = ({ profile }: Page, { app }: Connection): boolean =>
  [profile.get_started, profile.persistent_menu, profile.ice_breakers].some((made) => made?.maker === app);

function checkFields(view: View, pageView: PageView, connection: Connection): readonly Finding[] {
  const { page, name } = pageView;
  const { app, pageFields } = connection;
  const object = objectOf(page.platform);
  const webhook = view.webhook(app, object);
  // Without a callback there is one thing to say, and it is said.
  const appFields = webhook?.fields ?? pageFields;
  const lacks = lacksOf(pageView, connection).filter(
    ({ field }) => !namesField(appFields, field) || !namesField(pageFields, field),
  );
  // One command for all that is lacking: a list is replaced.
  const fields = lacks.map(({ field }) => field);
  const whole = (list: readonly string[]): string =>
    [...list, ...fields.filter((field) => !namesField(list, field))].join(',');
  const isComplete = (list: readonly string[]): boolean => fields.every((field) => namesField(list, field));
  const commands = [
    ...(isComplete(appFields)
      ? []
      : [`baton subscription set ${app} --object ${object} --fields ${whole(appFields)}`]),
    ...(isComplete(pageFields)
      ? []
      : [`baton subscription set ${app} --page ${page.id} --fields ${whole(pageFields)}`]),
  ];
  return lacks.map(({ code, field, loses }) => {
    const where = [
      ...(namesField(appFields, field) ? [] : ['for its callback']),
      ...(namesField(pageFields, field) ? [] : ['for the page']),
    ].join(' nor ');
    return found(
      code,
      { page: page.id, app },
      {
        message: `${view.nameOf(app)} never subscribed to ${field} on ${name} (not ${where}): ${loses}.`,
        remedy: `Subscribe it: ${commands.join('; ')}`,
      },
    );
  });
}

/** [A2] Subscribed and not allowed to read: not connected, and easily overlooked. */
function checkPermissions(view: View): readonly Finding[] {
  return view.config.connections
    .filter(({ subscribed, permissions }) => subscribed && !permissions.includes('pages_messaging'))
    .map(({ page, app, permissions }) => {
      const name = view.page(page)?.name ?? `page ${page}`;
      const all = ['pages_messaging', ...permissions].join(',');
      return found(
        'messaging_not_permitted',
        { page, app },
        {
          message: `${view.nameOf(app)} is subscribed to ${name}, which does not allow it pages_messaging: it is not connected, hears nothing and can send nothing.`,
          remedy: `Allow it: baton app permissions ${app} ${page} --set ${all}`,
        },
      );
    });
}

function checkStrays(view: View): readonly Finding[] {
  const used = new Set(view.config.connections.filter(({ subscribed }) => subscribed).map(({ app }) => app));
  return view.config.apps
    .filter(({ id }) => !used.has(id))
    .map(({ id: app }) =>
      found(
        'app_on_no_page',
        { app },
        {
          message: `${view.nameOf(app)} is on no page: it hears nothing.`,
          remedy: `Connect it: baton subscription set ${app} --page <page>`,
        },
      ),
    );
}
