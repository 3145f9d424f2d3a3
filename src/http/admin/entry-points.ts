/** [E1] Ads and links of a page that are assigned to apps. */

import type { FastifyInstance } from 'fastify';
import { parseAppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { EntryPoint } from '../../protocol/page.ts';
import { isConnected } from '../../runtime/subscribing.ts';
import { MAX_ENTRY_POINT_DAYS } from '../../runtime/world/parse.ts';
import type { Config, PageRecord } from '../../store/config.ts';
import { fail, integerAt, readBody, textAt } from '../sandbox/body.ts';
import { appNamed, idAt, MAX_OPERATOR_TEXT, pageIn, pageNamed, readQuery } from './read.ts';
import { renderPage } from './render-page.ts';
import type { AdminTools } from './tools.ts';

/** Most ads and links of one page that are assigned by calls. */
export const MAX_ENTRY_POINTS = 10_000;

export function addEntryPoints(app: FastifyInstance, { runtime, preHandler, findings }: AdminTools): void {
  const show = (page: PageRecord['id']): JsonObject => ({
    ...renderPage(runtime, pageNamed(runtime, page)),
    findings: findings({ page }),
  });

  app.post('/admin/pages/:page/entry_points', { preHandler }, async (request) => {
    const { id: page } = pageIn(runtime, request);
    const body = readBody(request, ['ad_id', 'ref', 'app', 'expiration_days']);
    const { id: owner } = appNamed(runtime, idAt(body, 'app', parseAppId) ?? fail('app', 'app is required'));
    const days =
      body['expiration_days'] === undefined ? 1 : integerAt(body, 'expiration_days', 1, MAX_ENTRY_POINT_DAYS);
    const entry: EntryPoint = { ...readSource(body), app: owner, days };
    await runtime.change((config) => {
      if (!isConnected(config, { page, app: owner }))
        fail(
          'app',
          `app must be connected: subscribe app ${owner} to page ${page} with pages_messaging first`,
        );
      return changeEntryPoints(config, page, (others) => {
        if (others.length >= MAX_ENTRY_POINTS && !others.some((each) => isSame(each, entry)))
          fail('ad_id', `A page has at most ${MAX_ENTRY_POINTS} entry points`);
        return [...others.filter((each) => !isSame(each, entry)), entry];
      });
    });
    return show(page);
  });

  app.delete('/admin/pages/:page/entry_points', { preHandler }, async (request) => {
    const { id: page } = pageIn(runtime, request);
    const source = readSource(readQuery(request, ['ad_id', 'ref']));
    await runtime.change((config) =>
      changeEntryPoints(config, page, (others) => {
        const left = others.filter((each) => !isSame(each, source));
        const [key, what] = source.source === 'ADS' ? ['ad_id', 'ad'] : ['ref', 'link'];
        if (left.length === others.length)
          fail(key, `Page ${page} has no entry point for the ${what} ${source.key}`);
        return left;
      }),
    );
    return show(page);
  });
}

type Source = Pick<EntryPoint, 'source' | 'key'>;

const isSame = (one: Source, other: Source): boolean => one.source === other.source && one.key === other.key;

/** The ad or the link that is meant, exactly one. */
function readSource(given: JsonObject): Source {
  const ad = textAt(given, 'ad_id', MAX_OPERATOR_TEXT);
  const ref = textAt(given, 'ref', MAX_OPERATOR_TEXT);
  if ((ad === null) === (ref === null)) fail('ad_id', 'Name either ad_id or ref');
  return ad === null ? { source: 'SHORTLINK', key: ref ?? '' } : { source: 'ADS', key: ad };
}

const changeEntryPoints = (
  { pages }: Config,
  id: PageRecord['id'],
  next: (entries: readonly EntryPoint[]) => readonly EntryPoint[],
) => ({
  put: pages
    .filter((page) => page.id === id)
    .map((value) => ({ kind: 'page' as const, value: { ...value, entryPoints: next(value.entryPoints) } })),
});
