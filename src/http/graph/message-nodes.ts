/** `GET /{message}`: one message, and what became of a survey (S2). */

import { parseMid } from '../../protocol/ids.ts';
import { surveyState } from '../../protocol/reading.ts';
import { renderMessage, type Said } from '../../wire/conversations.ts';
import { readSelection, select } from '../../wire/selection.ts';
import { answerWith, failFor, failWith } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';
import { partiesOf, type Reading, readingOf, saidBy } from './conversations.ts';

export const readMessage: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call, node) {
    const selection = readSelection(call.parameters);
    if (!selection.ok) return failFor(selection.problem);
    const found = await findMessage(call, node);
    if (found === null) return failWith('unknown_node', { id: node, method: 'get' });
    const { said, reading } = found;
    const message = renderMessage(said, partiesOf(reading), reading.caller);
    return answerWith(select(message, selection.value, Object.keys(message)));
  },
};

/** [C16] The message, if the caller may see it. */
async function findMessage(
  call: GraphCall,
  node: string,
): Promise<{ readonly said: Said; readonly reading: Reading } | null> {
  const mid = parseMid(node);
  const found = mid === null ? null : await call.runtime.store.message(mid);
  if (found === null || found.page !== call.caller.page.id) return null;
  const reading = await readingOf(call, found.psid);
  if (reading === null) return null;
  const said = heldBy(found.recorded, reading) ?? saidBy(found.recorded, reading);
  return said === null ? null : { said, reading };
}

/** [S2] A survey that has been held is its sender's to see; it may have gone out, or have been dropped, since. */
function heldBy({ event, timestamp }: Parameters<typeof saidBy>[0], reading: Reading): Said | null {
  if (event.type !== 'survey_held' || event.app !== reading.caller) return null;
  const { mid, text, attachment } = event.message;
  const attachments = attachment === null ? [] : [attachment];
  return { mid, at: timestamp, app: event.app, text, attachments, status: surveyState(reading, mid) };
}
