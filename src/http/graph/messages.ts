/** `POST /{page}/messages`: messages and sender actions. */

import type { PersonaUse } from '../../protocol/command.ts';
import { newMid } from '../../runtime/runtime.ts';
import { renderSent } from '../../wire/answers.ts';
import { parseSend } from '../../wire/messages.ts';
import { problemOf } from '../../wire/problem.ts';
import { answerWith, failFor } from './answer.ts';
import { carryOut, type GraphCall, type Route, SEND_TASKS } from './call.ts';

export const sendMessage: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call) {
    const mid = newMid(call.runtime.clock.now());
    const parsed = parseSend(call.parameters, call.caller.app.id, mid);
    if (!parsed.ok) return failFor(parsed.problem);
    const { psid, personaId, command } = parsed;
    const persona = personaId === null ? null : findPersona(call, personaId);
    if (persona === undefined) return failFor(problemOf('persona_id', 'is not a persona of this page'));
    const refused = await carryOut(call, psid, command.type === 'send' ? { ...command, persona } : command);
    if (refused !== null) return refused;
    return answerWith(renderSent(psid, command.type === 'send' ? mid : null));
  },
};

/** [C20] A persona of this page with its maker; undefined when there is none. */
function findPersona({ runtime, caller }: GraphCall, id: string): PersonaUse | undefined {
  const found = runtime.configuration.current().personas.find((each) => each.id === id);
  return found?.page === caller.page.id ? { id, maker: found.app } : undefined;
}
