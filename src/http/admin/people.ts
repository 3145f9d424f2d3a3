/** [A1] The people of the business, and their tasks on pages. */

import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import type { PersonId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { hashPassword } from '../../runtime/passwords.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Person, Task } from '../../store/config.ts';
import { fail, readBody, textAt } from '../sandbox/body.ts';
import { MAX_OPERATOR_TEXT, pageIn, personIdIn, personNamed, wordsAt } from './read.ts';

/** Shortest password, in characters. */
const MIN_PASSWORD = 8;
const TASKS: readonly Task[] = ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MESSAGING', 'MODERATE', 'MANAGE'];

export function addPeople(
  app: FastifyInstance,
  runtime: Runtime,
  preHandler: preHandlerAsyncHookHandler,
): void {
  app.get('/admin/people', { preHandler }, async () => ({
    data: runtime.configuration.current().people.map((person) => renderPerson(runtime, person)),
  }));

  app.post('/admin/people/:person', { preHandler }, async (request) => {
    const id = personIdIn(request);
    await changePerson(runtime, id, readBody(request, ['name', 'password']));
    return renderPerson(runtime, personNamed(runtime, id));
  });

  app.post('/admin/pages/:page/people/:person', { preHandler }, async (request) => {
    const { id: page } = pageIn(runtime, request);
    const { id: person } = personNamed(runtime, personIdIn(request));
    const tasks = wordsAt(readBody(request, ['tasks']), 'tasks', TASKS) ?? fail('tasks', 'tasks is required');
    await runtime.change(({ pages }) => ({
      put: pages
        .filter(({ id }) => id === page)
        .map((value) => {
          const others = value.people.filter((each) => each.person !== person);
          const people = tasks.length === 0 ? others : [...others, { person, tasks }];
          return { kind: 'page', value: { ...value, people } };
        }),
    }));
    return renderPerson(runtime, personNamed(runtime, person));
  });
}

async function changePerson(runtime: Runtime, id: PersonId, body: JsonObject): Promise<void> {
  const name = textAt(body, 'name', MAX_OPERATOR_TEXT);
  const password = textAt(body, 'password', MAX_OPERATOR_TEXT);
  if (password !== null && [...password].length < MIN_PASSWORD)
    fail('password', `password must have at least ${MIN_PASSWORD} characters`);
  const hash = password === null ? null : await hashPassword(password);
  await runtime.change(({ people }) => {
    const known = people.find((person) => person.id === id);
    const called = name ?? known?.name ?? fail('name', 'name is required of a new person');
    // Null takes the password away; to say nothing of it leaves it.
    const passwordHash = body['password'] === undefined ? (known?.passwordHash ?? null) : hash;
    return { put: [{ kind: 'person', value: { id, name: called, passwordHash } }] };
  });
}

const renderPerson = (runtime: Runtime, { id, name, passwordHash }: Person): JsonObject => ({
  id,
  name,
  has_password: passwordHash !== null,
  pages: runtime.configuration.current().pages.flatMap((page) => {
    const found = page.people.find(({ person }) => person === id);
    return found === undefined ? [] : [{ id: page.id, name: page.name, tasks: found.tasks }];
  }),
});
