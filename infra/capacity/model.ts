import { STORE_LIMITS, WORST_STORE_TIME } from '../../lambda/storage/client.ts';
import { FUNCTION_MEMORY_MB } from '../function.ts';
import { definitions } from '../settings.ts';
import { ASSUMED, CUSTOM_METRICS, ITEM_OVERHEAD, LOG_BYTES, MEASURED } from './assumptions.ts';
import { PRICES } from './prices.ts';

const DAYS = 30;
const GB = 1024 ** 3;
const DAY_SECONDS = 86_400;
const QUARTER_SECONDS = 900;

/** Where the first step of a price ends: beyond it this model is wrong, and says so. */
const STEPS = { apiRequests: 300e6, lambdaGbSeconds: 7.5e9, logGb: 10 * 1024, transferGb: 10 * 1024 };

/** One line of the bill: dollars a month. */
export interface Cost {
  readonly of: string;
  readonly usd: number;
}

/**
 * What a month of 30 days costs, without any free tier.
 *
 * @param logoutsADay connections that are logged out.
 * @throws {RangeError} where a price has another step that is not in the model.
 */
export function monthlyCosts(logoutsADay: number): readonly Cost[] {
  const logouts = logoutsADay * DAYS;
  const requests = logouts * ASSUMED.requestsPerLogout;
  const coldStarts = (requests * ASSUMED.coldStartsPercent) / 100;
  const seconds = (requests * ASSUMED.billedMs + coldStarts * ASSUMED.startMs) / 1_000;
  const gbSeconds = within(seconds * (FUNCTION_MEMORY_MB / 1024), STEPS.lambdaGbSeconds, 'Lambda');
  const logGb = (requests * (LOG_BYTES.function + LOG_BYTES.lambda + LOG_BYTES.gateway)) / GB;
  const keptLogGb = (logGb / DAYS) * Number(definitions.logRetentionDays.fallback);
  const tableGb = (logoutsADay * ASSUMED.itemDays * (MEASURED.item + ITEM_OVERHEAD)) / GB;
  const transferGb = within((requests * ASSUMED.answerBytes) / GB, STEPS.transferGb, 'data out');
  const beyond = Math.max(0, requests - STEPS.apiRequests);
  return [
    {
      of: 'HTTP API requests',
      usd: ((requests - beyond) * PRICES.apiRequests.usd + beyond * PRICES.apiRequestsBeyond.usd) / 1e6,
    },
    { of: 'Lambda requests', usd: (requests * PRICES.lambdaRequests.usd) / 1e6 },
    { of: 'Lambda time', usd: (gbSeconds * PRICES.lambdaTime.usd) / 1e6 },
    { of: 'DynamoDB writes', usd: (requests * writeUnits() * PRICES.tableWrites.usd) / 1e6 },
    { of: 'Log ingestion', usd: within(logGb, STEPS.logGb, 'logs') * PRICES.logIngestion.usd },
    { of: 'Log storage', usd: keptLogGb * PRICES.logStorage.usd },
    { of: 'Data out', usd: transferGb * PRICES.transfer.usd },
    {
      of: 'Metrics, alarms, dashboard',
      usd:
        CUSTOM_METRICS * PRICES.metrics.usd +
        ASSUMED.alarmMetrics * PRICES.alarms.usd +
        PRICES.dashboards.usd,
    },
    { of: 'Table storage, after a year', usd: tableGb * PRICES.tableStorage.usd },
    { of: 'Point-in-time recovery, after a year', usd: tableGb * PRICES.tableRecovery.usd },
  ];
}

/** Write units that one logout costs, be it written or refused: one for each KB of the item. */
function writeUnits(): number {
  return Math.ceil(MEASURED.item / 1024);
}

function within(amount: number, step: number, what: string): number {
  if (amount > step) throw new RangeError(`The price of ${what} has another step beyond ${step}.`);
  return amount;
}

/** What the busiest quarter of an hour asks for. */
export interface Peak {
  /** Requests a second, over the whole day. */
  readonly average: number;
  /** Requests a second, in the peak. */
  readonly requests: number;
  /** Environments at work at once, by Little's law: requests a second times seconds a request. */
  readonly concurrency: number;
  /** The same while the table answers nobody, and each request lasts as long as its attempts may. */
  readonly concurrencyInStall: number;
  /** Partitions that the writes need, at 1,000 writes a second each. */
  readonly partitions: number;
}

/** @param logoutsADay connections that are logged out. */
export function peak(logoutsADay: number): Peak {
  const aDay = logoutsADay * ASSUMED.requestsPerLogout;
  const requests = (aDay * ASSUMED.shareOfPeak) / QUARTER_SECONDS;
  return {
    average: aDay / DAY_SECONDS,
    requests,
    concurrency: (requests * ASSUMED.billedMs) / 1_000,
    concurrencyInStall: (requests * WORST_STORE_TIME) / 1_000,
    partitions: Math.ceil((requests * writeUnits()) / 1_000),
  };
}

/** Something that lets so many requests a second through and no more. */
export interface Limit {
  readonly of: string;
  /** The default, in its own unit. */
  readonly is: string;
  /** Requests a second that it lets through. */
  readonly requests: number;
  /** What to do about it. */
  readonly raise: string;
}

const CONCURRENCY = 1_000;

/**
 * Every limit on the way of a logout, the lowest first.
 *
 * Quotas are AWS's defaults of November 2026, read in copies of its pages "API Gateway quotas", "Lambda quotas",
 * "Lambda scaling behavior" and "Quotas in Amazon DynamoDB". New accounts may have less, and some regions do.
 */
export const LIMITS: readonly Limit[] = [
  {
    of: 'Lambda concurrency, while the table answers nobody',
    is: `${n(CONCURRENCY)} at once, ${WORST_STORE_TIME / 1_000} s each (deadline ${STORE_LIMITS.deadline / 1_000} s)`,
    requests: (CONCURRENCY / WORST_STORE_TIME) * 1_000,
    raise: 'Raise the quota, or reserve a part of it for this function, so that others keep theirs',
  },
  {
    of: 'Setting `throttleRate`',
    is: `${n(Number(definitions.throttleRate.fallback))} requests a second`,
    requests: Number(definitions.throttleRate.fallback),
    raise: 'Deploy with twice the peak, and `throttleBurst` with twice that',
  },
  {
    of: 'Writes of a table that is new',
    is: '4,000 writes a second at once, doubled in half an hour',
    requests: 4_000 / writeUnits(),
    raise: 'Set warm throughput before the first peak: `aws dynamodb update-table --warm-throughput`',
  },
  {
    of: 'API Gateway, all APIs of the account and region',
    is: '10,000 requests a second, 5,000 at once (2,500 and 1,250 in some regions)',
    requests: 10_000,
    raise: 'Raise the quota in Service Quotas',
  },
  {
    of: 'Lambda, requests of all functions of the account and region',
    is: `10 times the concurrency of ${n(CONCURRENCY)}`,
    requests: 10 * CONCURRENCY,
    raise: 'Raise the concurrency to a tenth of the peak',
  },
  {
    of: 'Writes of a table',
    is: '40,000 writes a second',
    requests: 40_000 / writeUnits(),
    raise: 'Raise the quota in Service Quotas',
  },
];

function n(value: number): string {
  return value.toLocaleString('en-US');
}
