/** `POST /{page}/messages`: messages and sender actions. */

import type { PersonaUse } from '../../protocol/command.ts';
import { newMid } from '../../runtime/mids.ts';
import { renderSent } from '../../wire/answers.ts';
import { parseSend } from '../../wire/messages.ts';
import { problemOf } from '../../wire/problem.ts';
import { failFor } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';
import { answerBefore, carryOut } from './carry-out.ts';

const EDGE = 'messages';

export const sendMessage: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call) {
    const mid = newMid(call.runtime.clock.now());
    const parsed = parseSend(call.parameters, call.caller.app.id, mid);
    if (!parsed.ok) return failFor(parsed.problem);
    const { psid, personaId, command } = parsed;
    const persona = personaId === null ? null : findPersona(call, personaId);
    if (persona === undefined) {
      const problem = problemOf('persona_id', 'is not a persona of this page');
      return (await answerBefore(call, EDGE)) ?? failFor(problem);
    }
    return command.type === 'send'
      ? carryOut(call, { edge: EDGE, psid, command: { ...command, persona }, body: renderSent(psid, mid) })
      : carryOut(call, { edge: EDGE, psid, command, body: renderSent(psid, null) });
  },
};

/** [C20] A persona of this page with its maker; undefined when there is none. */
function findPersona({ runtime, caller }: GraphCall, id: string): PersonaUse | undefined {
  const found = runtime.configuration.persona(id);
  return found?.page === caller.page.id ? { id, maker: found.app } : undefined;
}
