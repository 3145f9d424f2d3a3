/** Structured logs: one JSON line per command and per attempt, on standard error. */

import { destination, pino } from 'pino';
import { type Observer, silentObserver } from './observer.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** An observer that writes to standard error. */
export function logObserver(level: LogLevel): Observer {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, formatters, timestamp: pino.stdTimeFunctions.isoTime };
  const log = pino(options, destination({ fd: 2, sync: true }));
  return {
    ...silentObserver,
    command: (line) => log.info(line, 'command'),
    attempt: (line) => (line.error === null ? log.info(line, 'attempt') : log.warn(line, 'attempt')),
    note: (message, fields) => log.info(fields ?? {}, message),
    fault: (where, error, fields) => log.error({ where, ...fields, err: error }, 'fault'),
    warning: (message, fields) => log.warn(fields, message),
  };
}
