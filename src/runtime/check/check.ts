/** The check of a configuration: pure, so that it says the same of a world file, a data folder and a running server. */

import type { Config } from '../../store/config.ts';
import { checkCallbacks } from './callbacks.ts';
import { checkConnections } from './connections.ts';
import { type Circumstances, type Finding, SEVERITIES, type Severity } from './finding.ts';
import { checkPages } from './pages.ts';
import { checkTokens } from './tokens.ts';
import { viewOf } from './view.ts';

/** Everything that is found, the worst first. */
export function checkConfiguration(config: Config, circumstances: Circumstances): readonly Finding[] {
  const view = viewOf(config, circumstances);
  const findings = [
    ...checkPages(view),
    ...checkConnections(view),
    ...checkCallbacks(view),
    ...checkTokens(view),
  ];
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

export const countFindings = (findings: readonly Finding[]): Readonly<Record<Severity, number>> => ({
  error: findings.filter(({ severity }) => severity === 'error').length,
  warning: findings.filter(({ severity }) => severity === 'warning').length,
  note: findings.filter(({ severity }) => severity === 'note').length,
});
