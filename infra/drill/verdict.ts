import type { DrillResult, QueryRun } from './game-day.ts';

/**
 * Holds what happened against what a fault must bring about.
 *
 * @param result what happened.
 * @param stackName begins the names of alarms.
 * @returns a sentence for each thing that did not happen.
 */
export function missing(result: Omit<DrillResult, 'missing' | 'section'>, stackName: string): string[] {
  const { fault, outcomes, line, firings, queries } = result;
  const lost = outcomes.flatMap(({ story, wrong }) =>
    wrong === undefined ? [] : [`${story.terminal.id} is ${wrong}.`],
  );
  const silent = fault.alarms
    .filter(
      (id) => !firings.some(({ alarm, firesAfter }) => alarm.name === `${stackName}-${id}` && firesAfter > 0),
    )
    .map((id) => `The alarm ${id} does not fire.`);
  return [
    ...lost,
    ...(line === undefined
      ? [`No terminal was answered ${fault.answer}, so there is no log line of it.`]
      : []),
    ...silent,
    ...queries.flatMap((run) => notFound(run) ?? []),
  ];
}

function notFound({ query, finding, result }: QueryRun): string | undefined {
  const [row] = result.rows;
  const wrong = Object.entries(finding.finds).filter(
    ([column, value]) => row?.[result.columns.indexOf(column)] !== value,
  );
  if (wrong.length === 0) return undefined;
  const wanted = wrong.map(([column, value]) => `${column} ${value}`).join(' and ');
  return `The first row of the query ${query.id} does not show ${wanted}.`;
}
