/** Findings of the check as people read them. */

import { plural } from './usage.ts';

export type FindingShown = {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly remedy: string;
};

/** Three lines each: how bad and which, what goes wrong, what to do. */
export const describeFindings = (findings: readonly FindingShown[]): readonly string[] =>
  findings.flatMap(({ code, severity, message, remedy }) => [
    `${severity.padEnd(7)}  ${code}`,
    `         ${message}`,
    `         ${remedy}`,
  ]);

/** Under a heading of their own, at the end of what is shown of an app or a page. */
export const findingsBelow = (findings: readonly FindingShown[] | undefined): readonly string[] =>
  findings === undefined || findings.length === 0
    ? []
    : ['', 'Findings', ...describeFindings(findings).map((line) => `  ${line}`)];

/** As in `2 errors, 1 note`; null: nothing. */
export function sumUp(counts: Readonly<Record<string, number>>): string | null {
  const parts = ['error', 'warning', 'note'].map((severity) => plural(counts[severity] ?? 0, severity));
  return parts.filter((part) => part !== null).join(', ') || null;
}
