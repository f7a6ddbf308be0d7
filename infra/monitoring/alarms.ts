import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  accountConcurrency,
  blindness,
  defects,
  failurePercent,
  refusalPercent,
  tableThrottlePercent,
  versionDefects,
  versionFailurePercent,
  versionRefusalPercent,
} from './metric-math.ts';
import type { ServiceMetrics } from './metrics.ts';
import { BURN_RATES, failurePercentAt, MIN_FAILURES, OBJECTIVE } from './objective.ts';

/** How soon a person must act on an alarm: at once, or in the morning. */
export type Severity = 'page' | 'ticket';

/** A condition on one metric. */
export interface Condition {
  readonly metric: IMetric;
  /** From this value on a data point is bad; see `comparison`. */
  readonly threshold: number;
  /** Default: at the threshold or above. */
  readonly comparison?: ComparisonOperator;
  /** How many bad data points make an alarm. Default: 1. */
  readonly datapointsToAlarm?: number;
  /** Of how many. Default: `datapointsToAlarm`. */
  readonly evaluationPeriods?: number;
  /** Default: a period without a value is good. Every other treatment has its reason beside it. */
  readonly treatMissingData?: TreatMissingData;
}

/** One thing that a person must act on. */
export interface AlarmDefinition {
  /** Ends the alarm's name, and is the anchor of its section in the runbook. */
  readonly id: string;
  readonly severity: Severity;
  /**
   * One condition; or several, each an alarm without a message whose name ends in the key, and how they are combined.
   */
  readonly when: Condition | CombinedConditions;
  /** What it means: a sentence or two, at the head of the message. */
  readonly meaning: string;
  /** What to do first: a sentence or two. */
  readonly firstStep: string;
}

/** Conditions that make a composite alarm. */
export interface CombinedConditions {
  readonly combine: 'all' | 'any';
  readonly of: Readonly<Record<string, Condition>>;
}

/** A condition that rolls the newest version back while it is rolled out. It sends no message. */
export interface RolloutGate extends Condition {
  readonly id: string;
  readonly meaning: string;
}

/** One terminal in a loop is one connection and one address. */
const MANY = { connections: 5, addresses: 3 } as const;

const HOUR = Duration.hours(1);
/** Half an hour in three parts: what passes by itself in less makes no ticket. */
const HALF_AN_HOUR = { period: Duration.minutes(10), datapointsToAlarm: 3 } as const;

/**
 * Every alarm that sends a message. A window slides: it ends at the minute of each evaluation, so that a long one does
 * not wait for its end.
 *
 * @returns the pages, then the tickets.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function alarmDefinitions(metrics: ServiceMetrics): readonly AlarmDefinition[] {
  return [...pages(metrics), ...tickets(metrics)];
}

function pages(metrics: ServiceMetrics): AlarmDefinition[] {
  const { rate, shortMinutes, longMinutes } = BURN_RATES.fast;
  return [
    ...probe(metrics),
    {
      id: 'failing',
      severity: 'page',
      when: {
        combine: 'all',
        of: {
          // One bad window of half an hour: failures that come now and then are one alarm, and not many.
          [`${shortMinutes}m`]: { ...budget(metrics, rate, shortMinutes, 1), evaluationPeriods: 6 },
          [`${longMinutes}m`]: budget(metrics, rate, longMinutes, MIN_FAILURES),
        },
      },
      meaning: `${failurePercentAt(rate)} % of the requests or more fail with 5xx or 429, ${rate} times what the objective of ${OBJECTIVE.availabilityPercent} % allows. Terminals repeat.`,
      firstStep:
        'Open the dashboard: the first of gateway, function and table that looks different is the place.',
    },
    {
      id: 'refused-widely',
      severity: 'page',
      when: {
        combine: 'any',
        of: {
          '10m': {
            metric: refusalPercent(metrics, Duration.minutes(10), MANY),
            threshold: 90,
          },
          '60m': { metric: refusalPercent(metrics, HOUR, MANY), threshold: 50 },
        },
      },
      meaning: `Half of the requests of an hour, or nearly all of ten minutes, are refused, from ${MANY.connections} connections or ${MANY.addresses} addresses at least.`,
      firstStep:
        'Run the saved query "why-refused", and ask what changed: a release, a token issuer, a certificate.',
    },
    ...certificate(metrics, 7, 'page'),
  ];
}

function tickets(metrics: ServiceMetrics): AlarmDefinition[] {
  const { rate, longMinutes } = BURN_RATES.slow;
  return [
    {
      id: 'failing-slowly',
      severity: 'ticket',
      when: budget(metrics, rate, longMinutes, MIN_FAILURES),
      meaning: `${failurePercentAt(rate)} % of the requests of six hours or more failed with 5xx or 429, ${rate} times what the objective allows.`,
      firstStep: 'Run the saved query "us-or-dynamodb" over the six hours.',
    },
    {
      id: 'refused-partly',
      severity: 'ticket',
      when: { metric: refusalPercent(metrics, HOUR, { connections: MANY.connections }), threshold: 10 },
      meaning: `A tenth of the requests of an hour or more are refused, from ${MANY.connections} connections at least: one model of terminal, perhaps.`,
      firstStep:
        'Run the saved query "types-since": it shows which terminal type is refused, and since when.',
    },
    {
      id: 'defect',
      severity: 'ticket',
      // A window of an hour: the alarm lasts for an hour after the last one, and sends no second message till then.
      when: { metric: defects(metrics, HOUR), threshold: 1 },
      meaning:
        'The function crashed, or answered 500 because of a defect. Repeating the request does not help.',
      firstStep: 'Run the saved query "us-or-dynamodb" for the stack, "platform-faults" for a crash.',
    },
    {
      id: 'slow',
      severity: 'ticket',
      when: {
        metric: metrics.gatewayLatency('p95').with({ period: HALF_AN_HOUR.period }),
        threshold: 2_000,
        datapointsToAlarm: HALF_AN_HOUR.datapointsToAlarm,
      },
      meaning: 'One request in twenty waits two seconds or longer for its answer, for half an hour.',
      firstStep:
        'Compare the latencies on the dashboard: the table, the function or the gateway has risen first.',
    },
    {
      id: 'table-throttles',
      severity: 'ticket',
      when: {
        metric: tableThrottlePercent(metrics, HALF_AN_HOUR.period, MIN_FAILURES),
        threshold: 1,
        datapointsToAlarm: HALF_AN_HOUR.datapointsToAlarm,
      },
      meaning: 'DynamoDB throttles one write to the table in a hundred, for half an hour.',
      firstStep: "See in the table's metrics which limit it is: capacity, the account's, or one hot key.",
    },
    {
      id: 'blind',
      severity: 'ticket',
      when: { metric: blindness(metrics, Duration.minutes(30), MIN_FAILURES), threshold: 1 },
      meaning:
        "The gateway passes requests on, and the service's own metric counts none: other alarms see nothing.",
      firstStep: "Look at the function's log: are there lines, and do they hold `_aws`?",
    },
    ...certificate(metrics, 30, 'ticket'),
    {
      id: 'account-concurrency',
      severity: 'ticket',
      when: {
        metric: accountConcurrency(),
        threshold: 80,
        datapointsToAlarm: 3,
        evaluationPeriods: 10,
      },
      meaning:
        "Four fifths of the account's concurrency in this region are used. Beyond it calls are turned away.",
      firstStep: 'See on the dashboard whether it is this function or another, and ask for a higher quota.',
    },
  ];
}

/** @returns the alarm; none without a probe. */
function probe(metrics: ServiceMetrics): AlarmDefinition[] {
  const metric = metrics.probeFailures();
  if (metric === undefined) return [];
  return [
    {
      id: 'probe',
      severity: 'page',
      when: {
        metric,
        threshold: 1,
        datapointsToAlarm: 3,
        evaluationPeriods: 5,
        // A probe that does not run sees nothing.
        treatMissingData: TreatMissingData.BREACHING,
      },
      meaning: 'A request through the public URL gets no answer or a wrong one: terminals cannot log out.',
      firstStep: 'Run the saved query "probe-failures": it says what was answered.',
    },
  ];
}

/** The error budget is used up at this rate or faster. */
function budget(metrics: ServiceMetrics, rate: number, minutes: number, minFailures: number): Condition {
  return {
    metric: failurePercent(metrics, Duration.minutes(minutes), minFailures),
    threshold: failurePercentAt(rate),
  };
}

/** @returns the alarm; none without a custom domain. */
function certificate(metrics: ServiceMetrics, days: number, severity: Severity): AlarmDefinition[] {
  const metric = metrics.certificateDays();
  if (metric === undefined) return [];
  return [
    {
      id: `certificate-${days}-days`,
      severity,
      when: {
        metric,
        threshold: days,
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        // ACM reports twice a day, so a day without a value says nothing. An expired certificate has no values: the
        // alarm, which is on by then, stays on.
        treatMissingData: TreatMissingData.IGNORE,
      },
      meaning: `The certificate of the custom domain expires in less than ${days} days. Then no terminal can connect.`,
      firstStep:
        'Open the certificate in ACM, which says why: a DNS record for its validation, or an import, is due.',
    },
  ];
}

/**
 * What rolls the newest version back. All look at that version alone, so that a fault of the old one, or of the table
 * before the rollout, does not stop a fix.
 */
export function rolloutGates(metrics: ServiceMetrics): readonly RolloutGate[] {
  const window = Duration.minutes(5);
  return [
    {
      id: 'rollout-failures',
      metric: versionFailurePercent(metrics, window, 3),
      threshold: 5,
      meaning: 'One request in twenty of the new version fails with 5xx.',
    },
    {
      id: 'rollout-defects',
      metric: versionDefects(metrics, Duration.minutes(1)),
      threshold: 1,
      meaning: 'The new version crashed, or answered 500 because of a defect.',
    },
    {
      id: 'rollout-refusals',
      metric: versionRefusalPercent(metrics, window, MANY.connections),
      threshold: 25,
      meaning: `A quarter of the requests of the new version are refused, from ${MANY.connections} connections at least.`,
    },
  ];
}
