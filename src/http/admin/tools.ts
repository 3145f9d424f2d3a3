/** What the parts of `/admin` work with. */

import type { preHandlerAsyncHookHandler } from 'fastify';
import type { About, Finding } from '../../runtime/check/finding.ts';
import type { DeliveryPort } from '../../runtime/ports.ts';
import type { Runtime } from '../../runtime/runtime.ts';

export type AdminTools = {
  readonly runtime: Runtime;
  readonly delivery: DeliveryPort;
  /** Lets in whoever bears the operator's token. */
  readonly preHandler: preHandlerAsyncHookHandler;
  /** What the check finds as of now; of all, or of one app or page. */
  readonly findings: (about?: Pick<About, 'app' | 'page'>) => readonly Finding[];
};
