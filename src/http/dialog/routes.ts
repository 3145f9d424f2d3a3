/**
 * `/dialog/oauth`: where an app sends a person who shall allow it something. Her id and password make a code, which the
 * app redeems with its secret. There is no session: each consent wants the password.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parsePersonId } from '../../protocol/ids.ts';
import { issueCode } from '../../runtime/grants.ts';
import { checkPassword } from '../../runtime/passwords.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { mayUse } from '../../runtime/secrets.ts';
import type { Person } from '../../store/config.ts';
import { isLongerThan } from '../../wire/checks.ts';
import { type Parameters, readParameters } from '../../wire/parameters.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { dialogHeaders, renderDialog, renderMistake } from './page.ts';
import { type DialogRequest, readDialogRequest, wayBack } from './request.ts';
import { createTickets, type Tickets } from './ticket.ts';

/** Longest password that is looked at, in characters. */
export const MAX_PASSWORD = 2_000;
const PATHS = ['/dialog/oauth', '/:version(^v\\d{1,3}\\.\\d{1,3}$)/dialog/oauth'];

const OLD_FORM =
  'The form has been open for too long, or the browser keeps no cookies. Please send it again.';
const TOO_MANY = 'Too many wrong passwords, or too many people at once. Please wait a quarter of an hour.';
const WRONG = 'There is no person with this id and password.';

/** What the dialog works with. */
type Desk = {
  readonly runtime: Runtime;
  readonly tickets: Tickets;
  readonly attempts: Attempts;
};

/** @param publicUrl under which people reach this server; null: not said */
export function addDialog(app: FastifyInstance, runtime: Runtime, publicUrl: string | null): void {
  const { now } = runtime.clock;
  const isSecure = publicUrl?.startsWith('https:') === true;
  const desk = { runtime, tickets: createTickets(now, { isSecure }), attempts: createAttempts(now) };
  for (const path of PATHS) {
    app.get(path, async (request, reply) => {
      const dialog = readDialogRequest(runtime, parametersOf(request));
      if (typeof dialog === 'string') return refuse(reply, dialog);
      return show(desk, request, { reply, dialog, person: '', mistake: null });
    });
    app.post(path, async (request, reply) => {
      const parameters = parametersOf(request);
      const dialog = readDialogRequest(runtime, parameters);
      if (typeof dialog === 'string') return refuse(reply, dialog);
      const back = await answerForm(desk, request, { parameters, dialog });
      if (back.ok) return sendBack(reply, back.address);
      const person = parameters.text('person') ?? '';
      return show(desk, request, { reply, dialog, person, mistake: back.mistake });
    });
  }
}

type Shown = {
  readonly reply: FastifyReply;
  readonly dialog: DialogRequest;
  readonly person: string;
  readonly mistake: string | null;
};

function show({ tickets }: Desk, request: FastifyRequest, shown: Shown): FastifyReply {
  const { reply, dialog, person, mistake } = shown;
  const mark = tickets.markOf(request.headers.cookie);
  const ticket = tickets.issue(mark, dialog);
  return reply
    .code(mistake === null ? 200 : mistake === TOO_MANY ? 429 : 400)
    .headers(dialogHeaders(dialog.redirectUri))
    .header('set-cookie', tickets.cookie(mark))
    .send(renderDialog(dialog, { ticket, person, mistake }));
}

type Sent = { readonly parameters: Parameters; readonly dialog: DialogRequest };
type Back =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly mistake: string };

/** Where a form that was sent leads, or what is wrong with it. */
async function answerForm(desk: Desk, request: FastifyRequest, sent: Sent): Promise<Back> {
  const { parameters, dialog } = sent;
  if (!desk.tickets.isGood(parameters.text('ticket') ?? '', request.headers.cookie, dialog)) {
    return { ok: false, mistake: OLD_FORM };
  }
  if (parameters.has('cancel')) return { ok: true, address: wayBack(dialog, DENIED) };
  const person = await signIn(desk, sent, request.ip);
  if (typeof person === 'string') return { ok: false, mistake: person };
  const consent = { app: dialog.app.id, person: person.id, scopes: dialog.scopes };
  const code = await issueCode(desk.runtime, consent, dialog.redirectUri);
  return { ok: true, address: wayBack(dialog, { code }) };
}

/** The person who has signed in; else what is wrong. */
async function signIn(
  { runtime, attempts }: Desk,
  { parameters, dialog }: Sent,
  address: string,
): Promise<Person | string> {
  const password = parameters.text('password') ?? '';
  if (isLongerThan(password, MAX_PASSWORD)) return WRONG;
  // Whatever is no id stands for one person whom there is not.
  const id = parsePersonId(parameters.text('person') ?? '') ?? '';
  const person = runtime.configuration.current().people.find((each) => each.id === id);
  const look = (): Promise<boolean> => checkPassword(password, person?.passwordHash ?? null);
  const isRight = await attempts.check({ person: id, address }, look);
  if (isRight === null) return TOO_MANY;
  if (!isRight || person === undefined) return WRONG;
  if (mayUse(dialog.app, person.id)) return person;
  return `${dialog.app.name} is in development, and you have no role on it.`;
}

const DENIED = {
  error: 'access_denied',
  error_reason: 'user_denied',
  error_description: 'The person has not allowed it',
};

const refuse = (reply: FastifyReply, sentence: string): FastifyReply =>
  reply.code(400).headers(dialogHeaders(null)).send(renderMistake(sentence));

const sendBack = (reply: FastifyReply, address: string): FastifyReply =>
  reply.code(303).header('cache-control', 'no-store').header('location', address).send();

/** Those of a request that can be read; of another, none. */
function parametersOf(request: FastifyRequest): Parameters {
  const input = {
    method: request.method,
    query: request.url.replace(/^[^?]*\??/, ''),
    contentType: request.headers['content-type'],
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
  const read = readParameters(input);
  const none = readParameters({ ...input, query: '', body: Buffer.alloc(0) });
  if (read.ok) return read.parameters;
  if (none.ok) return none.parameters;
  throw new Error('a request without parameters cannot be read');
}
