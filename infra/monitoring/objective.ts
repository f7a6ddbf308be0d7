/** The percentage of requests that may fail: of those that reach the gateway, be answered 5xx or 429. */
export const ERROR_BUDGET_PERCENT = 0.1;

/** What the service promises. Alarms, dashboard and runbook take their figures from here. */
export const OBJECTIVE = { availabilityPercent: 100 - ERROR_BUDGET_PERCENT, days: 28 } as const;

/**
 * How fast the budget may be used up: at rate 1 it lasts for all of the objective's days, at 14.4 an hour takes 2 % of
 * it, at 6 six hours take 5 %. The short window ends an alarm soon after the failures end.
 *
 * @see https://sre.google/workbook/alerting-on-slos/
 */
export const BURN_RATES = {
  fast: { rate: 14.4, shortMinutes: 5, longMinutes: 60 },
  slow: { rate: 6, longMinutes: 360 },
} as const;

/** Fewer failures than these raise no alarm on the budget: with few requests a single one would. */
export const MIN_FAILURES = 5;

/** @returns the percentage of failed requests at which the budget is used up at this rate. */
export function failurePercentAt(rate: number): number {
  return Math.round(rate * ERROR_BUDGET_PERCENT * 1_000) / 1_000;
}
