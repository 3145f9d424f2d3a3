/** A configuration as the checks look at it: its pages put together, and what things are called. */

import type { AppId } from '../../protocol/ids.ts';
import type { Connection, Page } from '../../protocol/page.ts';
import { type Config, type PageRecord, snapshotOf } from '../../store/config.ts';
import { type Circumstances, named } from './finding.ts';

export type View = Circumstances & {
  readonly config: Config;
  readonly pages: readonly PageView[];
  /** The app's name with its id. */
  nameOf(app: AppId): string;
};

export type PageView = {
  readonly record: PageRecord;
  readonly page: Page;
  /** The page's name with its id. */
  readonly name: string;
  /** [C16] The apps that are subscribed and may read messages there. */
  readonly connected: readonly Connection[];
};

export function viewOf(config: Config, circumstances: Circumstances): View {
  const names = new Map(config.apps.map((app) => [app.id, named(app)]));
  const pages = config.pages.map((record): PageView => {
    const page = snapshotOf(config, record);
    const connected = page.connections.filter(({ subscribed }) => subscribed);
    return { record, page, name: named(record), connected };
  });
  return { ...circumstances, config, pages, nameOf: (app) => names.get(app) ?? `app ${app}` };
}
