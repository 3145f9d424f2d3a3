/** What must hold between the parts of a world: every name is found, nothing is declared twice. */

import { type AppId, isInbox } from '../../protocol/ids.ts';
import { inboxOf } from '../../protocol/page.ts';
import type { World, WorldApp, WorldPage } from './parse.ts';
import type { WorldProblem } from './reader.ts';

export function checkWorld(world: World): readonly WorldProblem[] {
  return [
    ...twice(world.people, 'id', ({ id }) => id),
    ...twice(world.pages, 'id', ({ id }) => id),
    ...twice(world.apps, 'id', ({ id }) => id),
    ...twice(world.customers, 'psid', ({ page, psid }) => `${page}/${psid}`),
    ...twice(
      world.apps.flatMap(({ pages }) => pages).filter(({ accessToken }) => accessToken !== null),
      'access_token',
      ({ accessToken }) => accessToken ?? '',
    ),
    ...world.pages.flatMap((page) => checkPage(world, page)),
    ...world.apps.flatMap((app) => checkApp(world, app)),
    ...world.customers
      .filter(({ page }) => !isPage(world, page))
      .map(({ path, page }) => ({ path: `${path}.page`, message: `there is no page ${page} in this world` })),
  ];
}

function checkPage(world: World, page: WorldPage): readonly WorldProblem[] {
  const problems: WorldProblem[] = [];
  const { primaryReceiver: primary, defaultApp } = page;
  const mustBeConnected = (path: string, app: AppId): void => {
    if (isConnected(world, page, app)) return;
    problems.push({ path, message: `app ${app} is not connected to page ${page.id} in this world` });
  };
  if (primary !== null && isInbox(primary)) {
    const path = `${page.path}.primary_receiver`;
    problems.push({ path, message: 'an inbox cannot be the primary receiver' });
  } else if (primary !== null) {
    mustBeConnected(`${page.path}.primary_receiver`, primary);
  }
  // [R1] The inbox may be the default app.
  const isOwnInbox = defaultApp === inboxOf(page);
  if (defaultApp !== null && !isOwnInbox) mustBeConnected(`${page.path}.default_app`, defaultApp);
  for (const entry of page.entryPoints) {
    mustBeConnected(`${entry.path}.app`, entry.app);
  }
  problems.push(...twice(page.entryPoints, '', ({ source, key }) => `${source}:${key}`));
  problems.push(...twice(page.people, 'id', ({ person }) => person));
  for (const { path: at, person } of page.people) {
    if (!isPerson(world, person)) problems.push(noPerson(`${at}.id`, person));
  }
  return problems;
}

function checkApp(world: World, app: WorldApp): readonly WorldProblem[] {
  const problems: WorldProblem[] = [];
  if (isInbox(app.id)) problems.push({ path: `${app.path}.id`, message: 'is the id of an inbox' });
  problems.push(...twice(app.pages, 'id', ({ page }) => page));
  problems.push(...twice(app.roles ?? [], 'person', ({ person }) => person));
  for (const { path, person } of app.roles ?? []) {
    if (!isPerson(world, person)) problems.push(noPerson(`${path}.person`, person));
  }
  for (const { path, page, person } of app.pages) {
    if (!isPage(world, page)) {
      problems.push({ path: `${path}.id`, message: `there is no page ${page} in this world` });
    }
    if (person !== null && !isPerson(world, person)) problems.push(noPerson(`${path}.person`, person));
  }
  return problems;
}

const isPage = (world: World, id: string): boolean => world.pages.some((page) => page.id === id);
const isPerson = (world: World, id: string): boolean => world.people.some((person) => person.id === id);
const isConnected = (world: World, page: WorldPage, app: string): boolean =>
  world.apps.some(({ id, pages }) => id === app && pages.some((each) => each.page === page.id));

const noPerson = (path: string, id: string): WorldProblem => ({
  path,
  message: `there is no person ${id} in this world`,
});

function twice<Item extends { readonly path: string }>(
  items: readonly Item[],
  key: string,
  nameOf: (item: Item) => string,
): readonly WorldProblem[] {
  const seen = new Map<string, string>();
  return items.flatMap((item) => {
    const name = nameOf(item);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, item.path);
      return [];
    }
    return [
      { path: key === '' ? item.path : `${item.path}.${key}`, message: `is declared twice: see ${first}` },
    ];
  });
}
