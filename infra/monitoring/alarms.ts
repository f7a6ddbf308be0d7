import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ServiceMetrics } from './metrics.ts';

/** One thing that somebody must act on. */
export interface AlarmDefinition {
  /** Ends the alarm's name, and is the anchor of its section in the runbook. */
  readonly id: string;
  /** What is watched. */
  readonly metric: IMetric;
  /** The value from which on a period is bad; see `comparison`. */
  readonly threshold: number;
  /** Default: at the threshold or above. */
  readonly comparison?: ComparisonOperator;
  /** How many bad periods, */
  readonly bad: number;
  /** of how many. */
  readonly of: number;
  /**
   * With a percentile: whether periods of which it says little, since they have few values, count all the same. Set
   * wherever the metric is a percentile.
   */
  readonly fewValues?: 'evaluate' | 'ignore';
  /** What a period without a value means. Above each the reason. */
  readonly missing: TreatMissingData;
  /** What it means: a sentence or two, at the head of the message. */
  readonly means: string;
  /** What to do first: a sentence or two. */
  readonly first: string;
  /** Whether it says "this version is bad", and a rollout is rolled back by it. */
  readonly badVersion: boolean;
}

/** What the alarms need to know besides the metrics. */
export interface AlarmLimits {
  /** Seconds after which Lambda ends the function. */
  readonly functionTimeoutSeconds: number;
}

/**
 * Three bad minutes of ten: what passes by itself, or what one terminal met once, wakes nobody, and what lasts is told
 * after three minutes. At night, when a minute has one request or none, a share is 0 or all; then it takes three
 * failures that are minutes apart, which a terminal that is turned away and repeats makes by itself. The canary of a
 * rollout lasts five minutes, so its fault is told in time.
 */
const LASTING = { bad: 3, of: 10 } as const;

/**
 * The first one, and then quiet for ten minutes. For defects: nothing but a defect makes them, repeating the request
 * does not help the terminal, and the next one may be a week away.
 */
const FIRST_ONE = { bad: 1, of: 10 } as const;

/** The part of the function's timeout from which on it is about to be cut off: the store gives up long before. */
const NEAR_TIMEOUT = 0.75;

/** A terminal that tries every three seconds makes as many in five minutes. One alone must wake nobody. */
const FEWEST_REFUSALS = 100;

/**
 * Every alarm of the service, and none that nobody has to act on. Refusals of single requests (a 404, a 409) are no
 * alarm: the log line and the dashboard tell them.
 *
 * @returns the alarms, in the order in which a request meets what they watch.
 */
export function alarmDefinitions(metrics: ServiceMetrics, limits: AlarmLimits): readonly AlarmDefinition[] {
  const certificateDays = metrics.certificateDays();
  // No requests, no value: nobody is turned away and nobody waits. The same holds for every alarm that counts events,
  // which are only reported when they happen.
  const missing = TreatMissingData.NOT_BREACHING;
  return [
    {
      id: 'gateway-5xx',
      metric: metrics.serverErrorRate(),
      threshold: 0.05,
      ...LASTING,
      missing,
      means: 'One request in twenty or more is answered 5xx: terminals cannot log out, and repeat.',
      first: 'Open the dashboard and see whether the function, the table or the gateway fails.',
      badVersion: true,
    },
    {
      id: 'gateway-latency',
      metric: metrics.gatewayLatency('p95'),
      // A cold start with the first write behind it stays below one second, so single ones at night are no bad minute.
      threshold: 2_000,
      ...LASTING,
      // Few values count: a percentile of 95 needs 200 a minute to say much, and a quiet shop never has them. Then it
      // is the slowest one, and three slow minutes of ten are still no accident.
      fewValues: 'evaluate',
      missing,
      means: 'One terminal in twenty waits two seconds or longer for its answer.',
      first:
        'Compare the latencies on the dashboard: the table, the function or the gateway has risen first.',
      badVersion: true,
    },
    {
      id: 'gateway-4xx',
      metric: metrics.clientErrorShare(FEWEST_REFUSALS, Duration.minutes(5)),
      threshold: 25,
      bad: 2,
      of: 3,
      missing,
      means: `A quarter or more of the requests are refused, and ${FEWEST_REFUSALS} or more in five minutes: more than one terminal.`,
      first:
        'Run the saved query "refusals" for statuses and causes, and ask what changed: a release, a token issuer, a key.',
      // A version that refuses what is right shows in a canary as a tenth of the requests, which refusals alone may be.
      badVersion: false,
    },
    {
      id: 'function-errors',
      metric: metrics.functionErrors(),
      threshold: 1,
      ...FIRST_ONE,
      missing,
      means: 'The function ended without an answer: it crashed, ran out of time or memory, or did not start.',
      first:
        'Run the saved query "platform-faults" for the cause. If a rollout was under way or just ended, roll it back.',
      badVersion: true,
    },
    {
      id: 'function-throttles',
      metric: metrics.functionThrottles(),
      threshold: 1,
      ...LASTING,
      missing,
      means:
        'Lambda turns calls of the function away: no concurrency is left for it. Terminals get 5xx and repeat.',
      first: "See on the dashboard who takes the account's concurrency, and ask for a higher quota.",
      badVersion: false,
    },
    {
      id: 'function-duration',
      metric: metrics.functionDuration('Maximum'),
      threshold: NEAR_TIMEOUT * limits.functionTimeoutSeconds * 1_000,
      ...LASTING,
      missing,
      means: `Requests take three quarters of the function's ${limits.functionTimeoutSeconds} s or longer, and may be cut off after the write. The store alone never takes so long.`,
      first: 'Run the saved query "slowest". If a rollout was under way or just ended, roll it back.',
      badVersion: true,
    },
    {
      id: 'account-concurrency',
      metric: metrics.accountConcurrency(),
      threshold: 80,
      ...LASTING,
      missing,
      means:
        "Four fifths of the account's concurrency in this region are taken. Beyond it calls are turned away.",
      first: 'See on the dashboard whether it is this function or another, and ask for a higher quota.',
      badVersion: false,
    },
    {
      id: 'table-throttles',
      metric: metrics.tableThrottles(),
      threshold: 1,
      ...LASTING,
      missing,
      means:
        'The table throttles writes, minute after minute. The function repeats them, and answers 503 where that is not enough.',
      first: "See in the table's metrics which limit it is (capacity, account or one hot key), and raise it.",
      badVersion: false,
    },
    {
      id: 'table-system-errors',
      metric: metrics.tableSystemErrors(),
      threshold: 1,
      ...LASTING,
      missing,
      means: 'DynamoDB fails our writes with errors of its own, minute after minute.',
      first: 'Look at the AWS Health Dashboard for DynamoDB in this region. There is nothing to repair here.',
      badVersion: false,
    },
    {
      id: 'store-unavailable',
      metric: metrics.outcomeShare('store_unavailable'),
      threshold: 1,
      ...LASTING,
      missing,
      means:
        'One request in a hundred or more is answered 503, since the table could not be reached or did not answer in time.',
      first: 'Run the saved query "causes": it names what the table, or the way to it, answered.',
      // The table's fault and no version's. A version that makes its own shows as gateway-5xx.
      badVersion: false,
    },
    {
      id: 'internal-error',
      metric: metrics.outcome('internal_error'),
      threshold: 1,
      ...FIRST_ONE,
      missing,
      means: 'The service has a defect: a request was answered 500, and repeating it will not help.',
      first:
        'Run the saved query "causes" for the stack. If a rollout was under way or just ended, roll it back.',
      badVersion: true,
    },
    ...(certificateDays === undefined
      ? []
      : [
          {
            id: 'certificate-expiry',
            metric: certificateDays,
            threshold: 30,
            comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
            bad: 1,
            of: 1,
            // ACM tells twice a day, so a day without a value is no news. An expired certificate has none any more:
            // the alarm, which has been on for a month by then, stays on.
            missing: TreatMissingData.IGNORE,
            means:
              'The certificate of the custom domain expires in less than 30 days, and was not renewed. Then no terminal can connect.',
            first:
              'Open the certificate in ACM, which says why: a DNS record for its validation, or an import, is due.',
            badVersion: false,
          } satisfies AlarmDefinition,
        ]),
  ];
}
