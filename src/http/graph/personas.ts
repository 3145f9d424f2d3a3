/** [C20] Personas: names and pictures under which one app speaks on one page. */

import { randomInt } from 'node:crypto';
import type { JsonObject } from '../../protocol/message.ts';
import type { Persona } from '../../store/config.ts';
import { renderSuccess } from '../../wire/answers.ts';
import { readPart, renderList } from '../../wire/paging.ts';
import { failed, problemOf, type Read, read } from '../../wire/problem.ts';
import type { Caller } from './access.ts';
import { answerWith, failFor, failWith } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';
import { changeAs } from './change-as.ts';

/** Longest name, in characters. */
export const MAX_PERSONA_NAME = 50;
/** Most personas of one app on one page. */
export const MAX_PERSONAS = 1_000;
/** Longest address of a persona's picture, in characters. */
export const MAX_PICTURE_URL = 2_000;

const persona = (run: Route['run']): Route => ({ tasks: SEND_TASKS, connected: true, run });

export const createPersona = persona(async (call) => {
  const name = readText(call, 'name', MAX_PERSONA_NAME);
  if (!name.ok) return failFor(name.problem);
  const picture = readText(call, 'profile_picture_url', MAX_PICTURE_URL);
  if (!picture.ok) return failFor(picture.problem);
  const { caller } = call;
  const value: Persona = {
    id: newId(),
    page: caller.page.id,
    app: caller.app.id,
    name: name.value,
    pictureUrl: picture.value,
  };
  let refused = false;
  await changeAs(call, ({ personas }) => {
    refused = ownOf(personas, caller).length >= MAX_PERSONAS || personas.some(({ id }) => id === value.id);
    return { put: refused ? [] : [{ kind: 'persona', value }] };
  });
  if (!refused) return answerWith({ id: value.id });
  return failFor(problemOf('name', `is one too many: an app has at most ${MAX_PERSONAS} personas on a page`));
});

/** The caller's personas on the page, in the order of their ids; all of them where no `limit` is given. */
export const listPersonas = persona(async (call) => {
  const part = readPart(call.parameters, MAX_PERSONAS);
  if (!part.ok) return failFor(part.problem);
  const { after, limit } = part.value;
  const behind = own(call)
    .filter(({ id }) => after === null || id > after)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const url = `${call.origin}/${call.caller.page.id}/personas`;
  return answerWith(renderList(behind, { limit, url, place: ({ id }) => id, render }));
});

/** `GET /{persona}` */
export const readPersona = persona(async (call, id) => {
  const found = own(call).find((each) => each.id === id);
  return found === undefined ? failWith('unknown_node', { id, method: 'get' }) : answerWith(render(found));
});

/** `DELETE /{persona}` */
export const deletePersona = persona(async (call, id) => {
  if (!own(call).some((each) => each.id === id)) return failWith('unknown_node', { id, method: 'delete' });
  await changeAs(call, () => ({ put: [], remove: [{ kind: 'persona', key: id }] }));
  return answerWith(renderSuccess());
});

const own = ({ runtime, caller }: GraphCall): readonly Persona[] =>
  ownOf(runtime.configuration.current().personas, caller);

const ownOf = (personas: readonly Persona[], { app, page }: Caller): readonly Persona[] =>
  personas.filter((each) => each.app === app.id && each.page === page.id);

const render = ({ id, name, pictureUrl }: Persona): JsonObject => ({
  id,
  name,
  profile_picture_url: pictureUrl,
});

function readText({ parameters }: GraphCall, name: string, max: number): Read<string> {
  const text = parameters.text(name);
  if (text === null || text === '') return failed(name, 'is required');
  return [...text].length > max ? failed(name, `must have at most ${max} characters`) : read(text);
}

/** 15 digits: below 2^53 (W3), and nobody's psid by accident. */
const newId = (): string => `7${String(randomInt(2 ** 46)).padStart(14, '0')}`;
