/** [C6–C10, C12] The calls that move control, and the one that only tells. */

import { assertNever } from '../protocol/assert.ts';
import type { Call, Extend, Pass, PassMetadata, Release, RequestControl, Take } from '../protocol/command.ts';
import type { AppId, Psid } from '../protocol/ids.ts';
import { readAppId, readControlEpoch, readDurationMs, readMetadata, readRecipient } from './fields.ts';
import type { Parameters } from './parameters.ts';
import { type Failed, failed, type Read, read } from './problem.ts';

export const CONTROL_EDGES = [
  'pass_thread_control',
  'take_thread_control',
  'request_thread_control',
  'release_thread_control',
  'extend_thread_control',
  'pass_thread_metadata',
] as const;

export type ControlEdge = (typeof CONTROL_EDGES)[number];
export type ControlCommand = Pass | Take | RequestControl | Release | Extend | PassMetadata;

/** Which thread, and what is asked of it. */
export type ControlCall = { readonly ok: true; readonly psid: Psid; readonly command: ControlCommand };

/** Reads a control call. Unknown parameters are ignored. */
export function parseControlCall(
  edge: ControlEdge,
  parameters: Parameters,
  caller: AppId,
): ControlCall | Failed {
  const psid = readRecipient(parameters);
  if (!psid.ok) return psid;
  const controlEpoch = readControlEpoch(parameters);
  if (!controlEpoch.ok) return controlEpoch;
  const command = readCommand(edge, parameters, { caller, controlEpoch: controlEpoch.value });
  return command.ok ? { ok: true, psid: psid.value, command: command.value } : command;
}

function readCommand(edge: ControlEdge, parameters: Parameters, call: Call): Read<ControlCommand> {
  switch (edge) {
    case 'pass_thread_control':
      return readPass(parameters, call);
    case 'take_thread_control':
      return withMetadata(parameters, (metadata) => ({ ...call, type: 'take', metadata }));
    case 'request_thread_control':
      return withMetadata(parameters, (metadata) => ({ ...call, type: 'request', metadata }));
    case 'release_thread_control':
      return withMetadata(parameters, (metadata) => ({ ...call, type: 'release', metadata }));
    case 'extend_thread_control': {
      const durationMs = readDurationMs(parameters);
      return durationMs.ok ? read({ ...call, type: 'extend', durationMs: durationMs.value }) : durationMs;
    }
    case 'pass_thread_metadata':
      return readPassMetadata(parameters, call);
    default:
      return assertNever(edge);
  }
}

function withMetadata(
  parameters: Parameters,
  commandOf: (metadata: string | null) => ControlCommand,
): Read<ControlCommand> {
  const metadata = readMetadata(parameters);
  return metadata.ok ? read(commandOf(metadata.value)) : metadata;
}

function readPass(parameters: Parameters, call: Call): Read<Pass> {
  const target = readAppId(parameters, 'target_app_id', { required: false });
  if (!target.ok) return target;
  const metadata = readMetadata(parameters);
  if (!metadata.ok) return metadata;
  return read({ ...call, type: 'pass', target: target.value, metadata: metadata.value });
}

function readPassMetadata(parameters: Parameters, call: Call): Read<PassMetadata> {
  const target = readAppId(parameters, 'target_app_id', { required: true });
  if (!target.ok) return target;
  const metadata = readMetadata(parameters);
  if (!metadata.ok) return metadata;
  if (metadata.value === null) return failed('metadata', 'is required');
  return read({ ...call, type: 'pass_metadata', target: target.value, metadata: metadata.value });
}
