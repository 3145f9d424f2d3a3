import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId, PersonId } from '../../../protocol/ids.ts';
import type { Mode } from '../../../protocol/modes.ts';
import type { EntryPoint, Page, Platform } from '../../../protocol/page.ts';
import type { PageRecord, Task } from '../../config.ts';
import { parse, query } from '../database.ts';
import type { ConfigTable } from './table.ts';

type Row = {
  readonly id: PageId;
  readonly name_json: string;
  readonly platform: Platform;
  readonly mode: Mode;
  readonly switches: number;
  readonly switched_at: number;
  readonly lead: AppId | null;
  readonly idle_channel: Page['idleChannel'];
  readonly entry_points_json: string;
  readonly retention_days: number | null;
  readonly version: number;
};
type Member = { readonly page: PageId; readonly person: PersonId; readonly tasks_json: string };

/** The pages, with the people who have tasks on them. */
export type Pages = ConfigTable<PageRecord> & {
  /** The configuration's version at which a page last changed; null for one that there is not. */
  version(page: PageId): number | null;
  setVersion(page: PageId, version: number): void;
};

const PUT = `
  INSERT INTO pages
    (id, name_json, platform, mode, switches, switched_at, lead, idle_channel, entry_points_json, retention_days,
     version)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    name_json = excluded.name_json, platform = excluded.platform, mode = excluded.mode,
    switches = excluded.switches, switched_at = excluded.switched_at,
    lead = excluded.lead, idle_channel = excluded.idle_channel,
    entry_points_json = excluded.entry_points_json, retention_days = excluded.retention_days,
    version = excluded.version`;

const ALL = `
  SELECT id, name_json, platform, mode, switches, switched_at, lead, idle_channel, entry_points_json,
    retention_days, version
  FROM pages ORDER BY position`;

export function createPages(db: DatabaseSync): Pages {
  const put = db.prepare(PUT);
  const remove = db.prepare('DELETE FROM pages WHERE id = ?');
  const all = query<Row>(db, ALL);
  const version = query<{ version: number }>(db, 'SELECT version FROM pages WHERE id = ?');
  const setVersion = db.prepare('UPDATE pages SET version = ? WHERE id = ?');
  const members = createMembers(db);
  return {
    put(page) {
      const { id, platform, mode, switches, lead, idleChannel, retentionDays, version } = page;
      const [name, entries] = [JSON.stringify(page.name), JSON.stringify(page.entryPoints)];
      const switched = [switches.number, switches.at];
      put.run(id, name, platform, mode, ...switched, lead, idleChannel, entries, retentionDays, version);
      members.replace(page);
    },
    remove: (key) => void remove.run(key),
    all() {
      const people = members.byPage();
      return all.all().map((row) => recordOf(row, people.get(row.id) ?? []));
    },
    version: (page) => version.get(page)?.version ?? null,
    setVersion: (page, value) => void setVersion.run(value, page),
  };
}

function createMembers(db: DatabaseSync): {
  replace(page: PageRecord): void;
  byPage(): Map<PageId, Member[]>;
} {
  const insert = db.prepare(
    'INSERT INTO page_people (page, position, person, tasks_json) VALUES (?, ?, ?, ?)',
  );
  const remove = db.prepare('DELETE FROM page_people WHERE page = ?');
  const all = query<Member>(db, 'SELECT page, person, tasks_json FROM page_people ORDER BY page, position');
  return {
    replace({ id, people }) {
      remove.run(id);
      for (const [position, { person, tasks }] of people.entries()) {
        insert.run(id, position, person, JSON.stringify(tasks));
      }
    },
    byPage: () => Map.groupBy(all.all(), ({ page }) => page),
  };
}

const recordOf = (row: Row, members: readonly Member[]): PageRecord => ({
  id: row.id,
  name: parse<string>(row.name_json),
  platform: row.platform,
  mode: row.mode,
  switches: { number: row.switches, at: row.switched_at },
  lead: row.lead,
  idleChannel: row.idle_channel,
  entryPoints: parse<EntryPoint[]>(row.entry_points_json),
  retentionDays: row.retention_days,
  people: members.map(({ person, tasks_json }) => ({ person, tasks: parse<Task[]>(tasks_json) })),
  version: row.version,
});
