import { ASSUMED, CUSTOM_METRICS, LOG_BYTES, LOGOUTS_A_DAY, MEASURED } from './assumptions.ts';
import { LIMITS, monthlyCosts, peak } from './model.ts';
import { PRICES, type Price } from './prices.ts';

/** The tables of `docs/capacity.md`, in Markdown, by the name that stands in the marks around each. */
export function tables(): Readonly<Record<string, string>> {
  return { cost: cost(), peak: peaks(), limits: limits(), inputs: inputs(), prices: prices() };
}

const SIZES = LOGOUTS_A_DAY.map(count);

function cost(): string {
  const columns = LOGOUTS_A_DAY.map(monthlyCosts);
  const [first = []] = columns;
  const rows = first.map(({ of }, row) => [of, ...columns.map((costs) => usd(costs[row]?.usd ?? 0))]);
  const totals = columns.map((costs) => costs.reduce((sum, one) => sum + one.usd, 0));
  const million = LOGOUTS_A_DAY.map((logouts, index) => ((totals[index] ?? 0) / (logouts * 30)) * 1e6);
  return table(
    ['dollars a month', ...SIZES.map((size) => `${size} a day`)],
    [
      ...rows,
      ['**Together**', ...totals.map((sum) => `**${usd(sum)}**`)],
      ['For a million logouts', ...million.map(usd)],
    ],
  );
}

function peaks(): string {
  const columns = LOGOUTS_A_DAY.map(peak);
  const row = (name: string, of: (column: ReturnType<typeof peak>) => string) => [name, ...columns.map(of)];
  return table(
    ['', ...SIZES.map((size) => `${size} a day`)],
    [
      row('Requests a second, over the day', ({ average }) => amount(average)),
      row('Requests a second, in the peak', ({ requests }) => amount(requests)),
      row('Lambda environments at work', ({ concurrency }) => amount(concurrency)),
      row('The same, while the table answers nobody', ({ concurrencyInStall }) => amount(concurrencyInStall)),
      row('Partitions for the writes', ({ partitions }) => amount(partitions)),
    ],
  );
}

function limits(): string {
  const uses = LOGOUTS_A_DAY.map((logouts) => peak(logouts).requests);
  return table(
    ['limit', 'default', 'holds up to, a second', ...SIZES.map((size) => `${size} a day`), 'what to do'],
    LIMITS.map(({ of, is, requests, raise }) => [
      of,
      is,
      amount(requests),
      ...uses.map((use) => (use <= requests ? 'holds' : `**${amount(use / requests)} times too much**`)),
      raise,
    ]),
  );
}

function inputs(): string {
  return table(
    ['', 'value', 'is'],
    [
      ['Requests for each logout', String(ASSUMED.requestsPerLogout), 'assumed'],
      ["A day's logouts in its busiest quarter of an hour", `${ASSUMED.shareOfPeak * 100} %`, 'assumed'],
      ['Billed for a request', `${ASSUMED.billedMs} ms`, 'assumed'],
      ['Cold starts', `${ASSUMED.coldStartsPercent} %, ${ASSUMED.startMs} ms more each`, 'assumed'],
      ['An item stays', `${ASSUMED.itemDays} days`, 'assumed'],
      ['An answer', `${count(ASSUMED.answerBytes)} bytes`, 'assumed'],
      ['Metrics that alarms watch', `${ASSUMED.alarmMetrics} at most`, "the template's, tested"],
      ['Custom metrics', `${CUSTOM_METRICS} at most`, 'counted: outcomes and metrics'],
      ['An item', `${MEASURED.item} bytes`, 'measured, tested'],
      ["The function's line", `${LOG_BYTES.function} bytes`, 'measured, tested'],
      ["Lambda's lines, for each request", `${LOG_BYTES.lambda} bytes`, 'counted, on examples'],
      ["The gateway's line", `${LOG_BYTES.gateway} bytes`, "counted, on a line of the log's fields"],
    ],
  );
}

function prices(): string {
  return table(
    ['price', 'dollars', 'per', "in AWS's own words", 'seen in'],
    Object.values<Price>(PRICES).map(({ of, usd: price, per, fromAws, seen }) => [
      of,
      String(price),
      per,
      fromAws ? 'yes' : 'no',
      seen,
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Two figures that count, no more: the inputs are not better. */
function amount(value: number): string {
  return count(value >= 10 ? Math.round(value) : Number(value.toPrecision(2)));
}

function usd(value: number): string {
  return value < 100 ? value.toFixed(2) : count(Math.round(value));
}
