/**
 * [A6, R] The two sets of rules that a page can be under, and all in which they differ beside the permission table: a
 * value a row, read by the rule it belongs to.
 */

import type { Cause } from './event.ts';

export type Mode = 'handover' | 'conversation_routing';

export const MODES: readonly Mode[] = ['handover', 'conversation_routing'];

export type Traits = {
  /** [P1, R1] What the app that answers first is called where it gets a thread because nobody has it. */
  readonly leadCause: Extract<Cause, 'primary_receiver' | 'default_app'>;
  /** [R10] Who answers first where the page names nobody, or nobody who is connected. */
  readonly standIn: 'nobody' | 'inbox';
  /** [P6, R10] Whether the app that answers first is told of its role. */
  readonly tellsRoles: boolean;
  /** [I1, R7] Whether messages of the owner renew its control, and getting control starts the 24 hours anew. */
  readonly ownerRenews: boolean;
  /** [C6, R4] Whether the lead, too, passes to itself when it names nobody. */
  readonly leadIsItsOwnTarget: boolean;
  /** [H1, R11] Whether a send by H1 takes control. */
  readonly humanAgentTakes: boolean;
  /** [R5] Whether a send may move control. */
  readonly sendsMoveControl: boolean;
  /** [R3] Whether `standby` is for those only to whom the page gave it. */
  readonly standbyIsGiven: boolean;
};

export const TRAITS: Readonly<Record<Mode, Traits>> = {
  handover: {
    leadCause: 'primary_receiver',
    standIn: 'nobody',
    tellsRoles: true,
    ownerRenews: true,
    leadIsItsOwnTarget: false,
    humanAgentTakes: false,
    sendsMoveControl: false,
    standbyIsGiven: false,
  },
  conversation_routing: {
    leadCause: 'default_app',
    standIn: 'inbox',
    tellsRoles: false,
    ownerRenews: false,
    leadIsItsOwnTarget: true,
    humanAgentTakes: true,
    sendsMoveControl: true,
    standbyIsGiven: true,
  },
};
