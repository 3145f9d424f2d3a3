/** Results as text: the table, and each line with its rounds. */

import type { Result, Series, Target } from './rounds.ts';
import { median } from './statistics.ts';

/** Ours divided by the limit, or ours itself where nothing stands against it. */
export function figureOf({ ours, limit }: Result): number | null {
  if (ours === null) return null;
  return limit === null ? median(ours.rounds) : median(ours.rounds) / median(limit.rounds);
}

export function verdictOf(result: Result): string {
  const { target, limit } = result;
  const figure = figureOf(result);
  if (figure === null) return 'not built';
  if (target === null) return '';
  const reached = target.sense === 'at least' ? figure >= target.value : figure <= target.value;
  return reached ? 'reached' : `**missed** (${show(figure)}${limit === null ? '' : ' ×'})`;
}

/** The table in Markdown. */
export function renderTable(results: readonly Result[]): string {
  const lines = results.map((result) => {
    const { what, ours, limit, target } = result;
    const figure = figureOf(result);
    const shown = figure === null ? '–' : limit === null ? withUnit(figure, ours) : `${show(figure)} ×`;
    const cells = [
      what,
      middleOf(ours),
      middleOf(limit),
      shown,
      renderTarget(target, limit === null ? ours : null),
    ];
    return `| ${[...cells, verdictOf(result)].join(' | ')} |`;
  });
  return ['| what | ours | against | figure | target | |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

/** Every line with its rounds and notes, in Markdown. */
export function renderRounds(results: readonly Result[]): string {
  return results
    .map(({ what, ours, limit, notes }) => {
      const series = [ours, limit].filter((each) => each !== null).map(renderSeries);
      return [`**${what}**`, '', ...[...series, ...notes].map((line) => `- ${line}`)].join('\n');
    })
    .join('\n\n');
}

function renderSeries(series: Series): string {
  const { label, rounds } = series;
  const middle = median(rounds);
  const spread = ((Math.max(...rounds) - Math.min(...rounds)) / middle) * 100;
  return `${label}: median ${withUnit(middle, series)}; rounds ${rounds.map(show).join(', ')}; spread ${show(spread)} %`;
}

const middleOf = (series: Series | null): string =>
  series === null ? '–' : `${withUnit(median(series.rounds), series)} (${series.label})`;

const withUnit = (figure: number, series: Series | null): string =>
  `${show(figure)} ${series?.unit ?? ''}`.trim();

function renderTarget(target: Target | null, series: Series | null): string {
  if (target === null) return '–';
  return `${target.sense === 'at least' ? '≥' : '≤'} ${target.value} ${series?.unit ?? '×'}`;
}

const show = (figure: number): string => {
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString('en');
  return figure.toFixed(Math.abs(figure) >= 10 ? 1 : 2);
};
