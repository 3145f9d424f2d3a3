/**
 * The OpenAPI document. The Graph is one wildcard route, so its part is made of the table by which that route finds its
 * way; a call without a description is in it all the same, by its name.
 */

import type { JsonObject } from '../../protocol/message.ts';
import { NODES } from '../graph/routes.ts';
import { EDGES } from '../graph/tables.ts';
import { ACCESS_CALLS, OPEN_CALLS } from './access-calls.ts';
import { ADMIN_CALLS } from './admin-calls.ts';
import type { CallText, CallTexts, Field } from './call.ts';
import { GRAPH_CALLS, NODE_CALLS } from './graph-calls.ts';
import { OPERATOR_CALLS } from './operator-calls.ts';
import { FILE_CALLS, SIGN_IN_CALLS } from './people-calls.ts';
import { PROFILE_CALLS } from './profile-calls.ts';
import { SANDBOX_CALLS } from './sandbox-calls.ts';
import { SETUP_CALLS } from './setup-calls.ts';

const ABOUT = `Several apps share the conversations of a page; exactly one of them may speak.

Graph calls take a version in front, which says nothing (\`/v24.0/me/messages\`), the page's id or \`me\`, and their parameters in
the query, as a form or as JSON. The token is a bearer token or \`access_token\`. A W3C \`traceparent\` is taken up where the server
records traces. Errors are those of the table in the manual.`;

type Spoken = { readonly tag: string; readonly security: readonly JsonObject[] };

const GRAPH: Spoken = { tag: 'Graph', security: [{ app: [] }, { access_token: [] }] };
const OPERATOR: Spoken = { tag: 'Operators', security: [{ operator: [] }] };
const HEALTH: Spoken = { tag: 'Operators', security: [] };
const SANDBOX: Spoken = { tag: 'Sandbox', security: [] };
const PEOPLE: Spoken = { tag: 'People', security: [] };
/** Bears the secret of an app in the place of a token. */
const WITH_SECRET: Spoken = { tag: 'Graph', security: [] };

/** What the manual page says of edges, by method and edge. */
export const EDGE_CALLS: CallTexts = { ...GRAPH_CALLS, ...PROFILE_CALLS, ...ACCESS_CALLS };

/** @param isSandbox whether a sandbox's calls are there */
export function openApiDocument({ isSandbox }: { readonly isSandbox: boolean }): JsonObject {
  const operators = Object.entries({ ...OPERATOR_CALLS, ...SETUP_CALLS, ...ADMIN_CALLS }).map(
    ([name, text]) => operationAt(name, text, /^GET \/(healthz|readyz)$/.test(name) ? HEALTH : OPERATOR),
  );
  const sandbox = Object.entries(SANDBOX_CALLS).map(([name, text]) => operationAt(name, text, SANDBOX));
  const people = Object.entries({ ...SIGN_IN_CALLS, ...FILE_CALLS }).map(([name, text]) =>
    operationAt(name, text, PEOPLE),
  );
  const operations = [...graphOperations(), ...people, ...operators, ...(isSandbox ? sandbox : [])];
  const paths: Record<string, JsonObject> = {};
  for (const { path, method, operation } of operations) {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  const tags = ['Graph', 'People', 'Operators', ...(isSandbox ? ['Sandbox'] : [])].map((name) => ({ name }));
  return {
    openapi: '3.0.3',
    info: { title: 'Baton', version: '1', description: ABOUT, license: { name: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: COMPONENTS,
  };
}

type Operation = { readonly path: string; readonly method: string; readonly operation: JsonObject };

function graphOperations(): readonly Operation[] {
  const edges = [...EDGES].flatMap(([edge, { holder, methods }]) =>
    methods.map((method) => {
      const text = describe(EDGE_CALLS, `${method} ${edge}`);
      return operationAt(`${method} /:${holder}/${edge}`, text, GRAPH);
    }),
  );
  const open = Object.entries(OPEN_CALLS).map(([name, text]) =>
    operationAt(name, text, name.endsWith('/oauth/access_token') ? WITH_SECRET : GRAPH),
  );
  const nodes = new Set(NODES.flatMap((routes) => Object.keys(routes)));
  return [
    ...edges,
    ...open,
    ...[...nodes].map((method) => operationAt(`${method} /:id`, describe(NODE_CALLS, method), GRAPH)),
  ];
}

const describe = (texts: CallTexts, name: string): CallText =>
  texts[name] ?? { summary: name, text: '', answer: {} };

/** @param name method and path, with `:` before what is filled in */
function operationAt(name: string, call: CallText, { tag, security }: Spoken): Operation {
  const [method = '', path = ''] = name.split(' ');
  const filled = [...path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter);
  const { summary, text, query = [], headers = [], body = [], answer } = call;
  const parameters = [
    ...filled.map((each) => ({ name: each, in: 'path', required: true, ...PATH_PARTS[each] })),
    ...query.map((field) => parameterOf(field, 'query')),
    ...headers.map((field) => parameterOf(field, 'header')),
  ];
  return {
    method,
    path: path.replace(/:(\w+)/g, '{$1}'),
    operation: {
      tags: [tag],
      summary,
      description: text,
      operationId: name.toLowerCase().replace(/[^a-z0-9]+/g, '_'),
      security,
      parameters,
      ...(body.length === 0 ? {} : { requestBody: bodyOf(body) }),
      responses: { '200': answerOf(answer), default: { $ref: '#/components/responses/Error' } },
    },
  };
}

const id = (description: string, example: string): JsonObject => ({
  description,
  schema: { type: 'string' },
  example,
});
const PATH_PARTS: Readonly<Record<string, JsonObject>> = {
  page: id('The page, or `me` for that of the token.', 'me'),
  id: id('`me`, or the id of a page, a customer, a persona, an app, a conversation or a message.', 'me'),
  app: id('The app.', '2001'),
  psid: id('The customer.', '5001'),
  person: id('The person; in the Graph `me` is that of the token.', '9001'),
  key: id('The name of the file.', 'Zb3kPq7uT2'),
};

const parameterOf = (field: Field, place: string): JsonObject => ({
  name: field.name,
  in: place,
  description: field.text,
  required: field.required === true,
  schema: schemaOf(field),
  ...(field.example === undefined ? {} : { example: field.example }),
});

const schemaOf = ({ type, max, words }: Field): JsonObject => ({
  type,
  ...(type === 'array' ? { items: {} } : {}),
  ...(max === undefined ? {} : { maxLength: max }),
  ...(words === undefined ? {} : { enum: words }),
});

function bodyOf(fields: readonly Field[]): JsonObject {
  const required = fields.filter((field) => field.required === true).map(({ name }) => name);
  const examples = fields.filter(({ example }) => example !== undefined);
  const schema = {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, { ...schemaOf(field), description: field.text }]),
    ),
    example: Object.fromEntries(examples.map(({ name, example }) => [name, example ?? null])),
  };
  return { content: { 'application/json': { schema } } };
}

const answerOf = (answer: CallText['answer']): JsonObject => ({
  description: 'Done',
  content:
    typeof answer === 'string'
      ? { 'text/plain': { schema: { type: 'string' }, example: answer } }
      : { 'application/json': { schema: { type: 'object' }, example: answer } },
});

const COMPONENTS: JsonObject = {
  securitySchemes: {
    app: {
      type: 'http',
      scheme: 'bearer',
      description: 'A Page token; for edges of people a user token, for those of apps an app token.',
    },
    access_token: { type: 'apiKey', in: 'query', name: 'access_token' },
    operator: {
      type: 'http',
      scheme: 'bearer',
      description: "The operator's token: `operator.json` of the data folder.",
    },
  },
  responses: {
    Error: {
      description: 'Refused',
      content: {
        'application/json': {
          schema: { type: 'object' },
          example: {
            error: {
              message: '(#100) recipient is required',
              type: 'OAuthException',
              code: 100,
              fbtrace_id: 'A1dosduFCbBiX',
            },
          },
        },
      },
    },
  },
};
