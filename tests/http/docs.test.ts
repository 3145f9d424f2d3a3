/** `/docs`: every route is described, nothing is described that is not there, and the page needs nothing from elsewhere. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPEN_CALLS } from '../../src/http/docs/access-calls.ts';
import { EDGE_CALLS, openApiDocument } from '../../src/http/docs/document.ts';
import { NODE_CALLS } from '../../src/http/docs/graph-calls.ts';
import { POLICY } from '../../src/http/docs/page.ts';
import { OPEN_ROUTES } from '../../src/http/graph/open-routes.ts';
import { NODES } from '../../src/http/graph/routes.ts';
import { EDGES } from '../../src/http/graph/tables.ts';
import { openApp } from './app.ts';

type Paths = Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>;

/** `METHOD /path`, as Fastify writes paths. */
const documented = (isSandbox: boolean): readonly string[] =>
  Object.entries(openApiDocument({ isSandbox })['paths'] as Paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );

/** `METHOD /path` from Fastify's tree, in which each line goes on from the one above it that is less indented. */
function routesOf(tree: string): readonly string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] =
      /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    above.length = indent.length / 4;
    above.push(part);
    const path = above.join('');
    if (methods === '' || path.endsWith('*')) return [];
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${path}`);
  });
}

const isOfGraph = (name: string): boolean => /^\w+ \/:/.test(name) || name in OPEN_CALLS;

test('the Graph of the document is the route table, both ways', () => {
  const edges = [...EDGES].flatMap(([edge, { holder, methods }]) =>
    methods.map((method) => ({ name: `${method} ${edge}`, path: `${method} /:${holder}/${edge}` })),
  );
  assert.ok(edges.length > 30, `only ${edges.length} edges found`);
  assert.deepEqual(Object.keys(EDGE_CALLS).sort(), edges.map(({ name }) => name).sort());
  const nodes = new Set(NODES.flatMap((node) => Object.keys(node)));
  assert.deepEqual(Object.keys(NODE_CALLS).sort(), [...nodes].sort());
  const wanted = [
    ...edges.map(({ path }) => path),
    ...Object.keys(OPEN_CALLS),
    ...[...nodes].map((method) => `${method} /:id`),
  ];
  assert.deepEqual(documented(true).filter(isOfGraph).toSorted(), wanted.toSorted());
  const open = new Set(Object.keys(OPEN_CALLS).map((name) => name.split(' /')[1]));
  assert.deepEqual([...open].sort(), ['', ...OPEN_ROUTES.keys()].sort());
});

test('every other route is in the document, and nothing else is', async () => {
  await using stack = new AsyncDisposableStack();
  const { http } = await openApp();
  stack.defer(() => http.close());
  const routes = routesOf(http.printRoutes({ commonPrefix: false }));
  assert.ok(routes.length > 40, `only ${routes.length} routes found: the reader is broken`);
  // A version in front of a path says nothing, and the document says that once.
  const others = routes.filter((name) => name !== 'GET /docs' && !name.includes('/:version'));
  assert.deepEqual(
    documented(true)
      .filter((name) => !isOfGraph(name))
      .toSorted(),
    others.toSorted(),
  );
});

test('outside a sandbox its calls are not told of', () => {
  assert.ok(documented(true).some((name) => name.includes('/sandbox/')));
  assert.ok(!documented(false).some((name) => name.includes('/sandbox/')));
});

test('every call has a summary of its own, and every operation an id of its own', () => {
  const operations = Object.values(openApiDocument({ isSandbox: true })['paths'] as Paths).flatMap((path) =>
    Object.values(path),
  );
  const ids = operations.map((each) => (each as { operationId?: string }).operationId);
  assert.equal(new Set(ids).size, operations.length);
  assert.deepEqual(
    operations.filter(({ summary }) => summary === ''),
    [],
  );
});

test('the page, its assets and the document come from this server, under a strict policy', async () => {
  await using stack = new AsyncDisposableStack();
  const { http } = await openApp();
  stack.defer(() => http.close());
  const page = await http.inject({ url: '/docs' });
  assert.equal(page.statusCode, 200);
  assert.equal(page.headers['content-security-policy'], POLICY);
  assert.doesNotMatch(POLICY, /unsafe|https?:|\*/);
  const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset = '']) => asset);
  assert.ok(assets.length > 3);
  for (const asset of assets) {
    assert.match(asset, /^\/docs\/static\//);
    const answer = await http.inject({ url: asset });
    assert.equal(answer.statusCode, 200, asset);
    assert.equal(answer.headers['content-security-policy'], POLICY, asset);
  }
  assert.doesNotMatch(page.body, /<script>|<style>| style="/);
  const json = await http.inject({ url: '/docs/json' });
  assert.deepEqual(json.json(), openApiDocument({ isSandbox: true }));
  assert.equal((await http.inject({ url: '/docs/static/../../package.json' })).statusCode >= 400, true);
});
