/** `POST /{page}/messages`: messages and sender actions. */

import type { PersonaUse, Send } from '../../protocol/command.ts';
import type { Outgoing } from '../../protocol/message.ts';
import { newMid } from '../../runtime/mids.ts';
import { NotWritten, Overloaded, Withdrawn } from '../../runtime/overloaded.ts';
import type { SavedAttachment } from '../../store/attachments.ts';
import { renderSent } from '../../wire/answers.ts';
import { parseSend, type SendCall } from '../../wire/messages.ts';
import { problemOf } from '../../wire/problem.ts';
import { withQuestion } from '../../wire/surveys.ts';
import { type Answer, type Failure, failFor } from './answer.ts';
import { mustSave, placeAttachment } from './attachments.ts';
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
      ? carryOutSend(call, parsed, { ...command, persona })
      : carryOut(call, { edge: EDGE, psid, command, body: renderSent(psid, null) });
  },
};

/** After these the message is not out. */
const NOTHING_DONE = [Overloaded, NotWritten, Withdrawn];

/** What has been saved for a message that does not go out is taken away again. */
async function carryOutSend(call: GraphCall, parsed: SendCall, command: Send): Promise<Answer> {
  const { psid } = parsed;
  const completed = await complete(call, parsed, command.message);
  if (!completed.ok) return (await answerBefore(call, EDGE)) ?? completed;
  if ('before' in completed) return completed.before;
  const { message, saved } = completed;
  const id = saved !== null && parsed.isReusable ? { attachment_id: saved.id } : {};
  const body = { ...renderSent(psid, message.mid), ...id };
  const asked = { edge: EDGE, psid, command: { ...command, message }, body };
  if (saved === null) return carryOut(call, asked);
  const discard = () => call.runtime.attachments.discard(saved);
  try {
    const answer = await carryOut(call, asked);
    if (!answer.ok || answer.isRepeated) await discard();
    return answer;
  } catch (error) {
    // Of any other fault nobody knows whether the message is out; then upkeep takes away what is not needed.
    if (NOTHING_DONE.some((each) => error instanceof each)) await discard();
    throw error;
  }
}

type Completed =
  | { readonly ok: true; readonly message: Outgoing; readonly saved: SavedAttachment | null }
  /** The call has been answered before. */
  | { readonly ok: true; readonly before: Answer };

/** The message with what it takes from elsewhere: a saved attachment, the usual question of a survey. */
async function complete(
  call: GraphCall,
  { isReusable, source }: SendCall,
  message: Outgoing,
): Promise<Completed | Failure> {
  const { attachment } = message;
  if (attachment === null) return { ok: true, message, saved: null };
  if (attachment.type === 'template') {
    const payload = withQuestion(attachment.payload, call.caller.page.name);
    return { ok: true, message: { ...message, attachment: { ...attachment, payload } }, saved: null };
  }
  const before = mustSave({ isReusable, source }) ? await answerBefore(call, EDGE) : null;
  if (before !== null) return { ok: true, before };
  const placed = await placeAttachment(call, { attachment, isReusable, source });
  if (!placed.ok) return placed;
  const { saved } = placed;
  const upload = saved?.from.kind === 'file' && !isReusable ? { upload: saved.id } : {};
  return { ok: true, message: { ...message, attachment: placed.attachment, ...upload }, saved };
}

/** [C20] A persona of this page with its maker; undefined when there is none. */
function findPersona({ runtime, caller }: GraphCall, id: string): PersonaUse | undefined {
  const found = runtime.configuration.persona(id);
  return found?.page === caller.page.id ? { id, maker: found.app } : undefined;
}
