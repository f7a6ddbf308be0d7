import { Duration } from 'aws-cdk-lib';
import {
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ServiceMetrics } from './metrics.ts';

/** What the service promises: so many percent of the requests get no 5xx and no 429, over so many days. */
export const OBJECTIVE = { availabilityPercent: 99.9, days: 28 } as const;

/** A condition on one metric. Default: one value at the threshold or above, and a period without a value is good. */
export type Condition = Omit<AlarmProps, 'evaluationPeriods'> & Partial<AlarmProps>;

/** A page is for now, a ticket for the morning. A gate sends no message: it puts the old version back. */
export type Severity = 'page' | 'ticket' | 'gate';

/** One thing that a person, or CodeDeploy during a canary, must act on. */
export interface AlarmDefinition {
  /** What a person types first, as the runbook's first block defines it. It begins the message. */
  readonly command: string;
  readonly meaning: string;
  /** Any of these. Each of several is an alarm without a message, whose name ends in its place. */
  readonly when: readonly Condition[];
}

const { hours } = Duration;

/** Neither good nor bad has no value then, and the alarm stays as it is. */
const KEEP_STATE = { treatMissingData: TreatMissingData.IGNORE };

/**
 * Every alarm, by severity and by the end of its name, which is the anchor of its section in the runbook. Windows slide:
 * they end at the minute of each evaluation, with the data that has arrived, and an alarm lasts as long as its window.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function defineAlarms(metrics: ServiceMetrics): Record<Severity, Record<string, AlarmDefinition>> {
  const { probeFailures, certificate, gatewayLatency } = metrics;
  const share = '100 * refused / (refused + succeeded)';
  const endsWithLogouts = 'IF(refused >= 3 && refused >= succeeded, 1, IF(succeeded >= 3, 0))';
  return {
    page: {
      probe: {
        command: 'q probe-failures 1',
        meaning:
          'The probe, a request through the public URL each minute, failed three times in four hours, or does not run.',
        // So long that what the probe meets by chance is one alarm. A probe that does not run sees nothing.
        when: at(probeFailures, 1, {
          datapointsToAlarm: 3,
          evaluationPeriods: 240,
          treatMissingData: TreatMissingData.BREACHING,
        }),
      },
      failing: {
        command: 'q us-or-dynamodb 1',
        // The rate that uses 2 % of the budget in an hour: https://sre.google/workbook/alerting-on-slos/
        meaning:
          '1.44 % of the requests of an hour fail with 5xx or 429, fifteen at least: 14.4 times what the objective allows. It ends when an hour has less than 0.3 %.',
        when: at(
          failures(metrics, hours(1), 'IF(failed >= 15 && share >= 1.44, 1, IF(share < 0.3, 0))'),
          1,
          KEEP_STATE,
        ),
      },
      'refused-widely': {
        command: 'q why-refused 1',
        meaning:
          'As many requests are refused as logouts succeed, or more, from many terminals. It ends when three logouts an hour succeed and most requests are not refused.',
        when: [
          ...at(refusals(metrics, Duration.minutes(20), [12, 8], share), 50),
          ...at(refusals(metrics, hours(1), [5, 3], endsWithLogouts), 1, KEEP_STATE),
        ],
      },
    },
    ticket: {
      'refused-partly': {
        command: 'q types-since 6',
        meaning:
          'A tenth of the requests of six hours are refused, from fifteen terminals or five addresses at least: one model of terminal, perhaps.',
        when: at(refusals(metrics, hours(6), [15, 5], share), 10),
      },
      'no-logouts': {
        command: 'q why-refused 6',
        meaning:
          'For six hours requests are refused before anyone knows which terminal sends them, and no logout succeeds: behind one or two addresses it may be the whole fleet.',
        // Each of the six hours: a night without logouts and with one terminal in a loop has no alarm.
        when: at(anonymousRefusalsAlone(metrics, hours(1)), 1, { datapointsToAlarm: 6 }),
      },
      'failing-slowly': {
        command: 'q us-or-dynamodb 24',
        meaning:
          '0.3 % of the requests of a day failed with 5xx or 429, five at least: three times what the objective allows.',
        when: at(failures(metrics, hours(24), 'IF(failed >= 5, share, 0)'), 0.3),
      },
      defect: {
        command: 'q us-or-dynamodb 24',
        meaning:
          'The function crashed or responded 500 because of a defect, twice in a day. To repeat the request does not help.',
        // In percent: a large fleet meets a crash of Lambda's own now and then.
        when: at(defects(metrics, hours(24)), 0.001),
      },
      slow: {
        command: 'q canary-against-old 3',
        meaning: 'One request in twenty of three hours took two seconds or longer.',
        when: at(gatewayLatency('p95').with({ period: hours(3) }), 2_000),
      },
      certificate: {
        command: `aws acm describe-certificate --certificate-arn ${certificate?.arn}`,
        meaning:
          'The certificate of the custom domain expires in less than 30 days. Then no terminal can connect.',
        // ACM reports twice a day, and not any more once a certificate has expired.
        when: at(certificate?.daysToExpiry, 30, {
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          ...KEEP_STATE,
        }),
      },
    },
    gate: {
      'rollout-failures': {
        command: 'q canary-against-old 1',
        meaning: 'One request in twenty of the new version fails with 5xx, three at least.',
        when: at(newVersion(metrics, 'failures', 'IF(failed >= 3, 100, 0) * failed / calls'), 5),
      },
      'rollout-defects': {
        command: 'q canary-against-old 1',
        meaning: 'The new version crashed, or responded 500 because of a defect.',
        when: at(newVersion(metrics, 'defects', '100 * failed / calls'), 0, {
          comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        }),
      },
    },
  };
}

/** @returns one condition; none where there is nothing to measure. */
function at(metric: IMetric | undefined, threshold: number, more: Partial<Condition> = {}): Condition[] {
  return metric ? [{ metric, threshold, ...more }] : [];
}

/** @param period of the whole: CDK gives it to every metric in it. */
function math(expression: string, usingMetrics: Record<string, IMetric>, period?: Duration): MathExpression {
  return new MathExpression({ expression, usingMetrics, ...(period && { period }) });
}

/** Of the requests that `failed`, with 5xx or 429, their `share` in percent, which has no value without requests. */
export function failures(metrics: ServiceMetrics, period: Duration, expression: string): MathExpression {
  const { serverErrors, throttled, requests } = metrics;
  const failed = math('FILL(errors, 0) + FILL(throttled, 0)', { errors: serverErrors, throttled });
  const share = math('100 * failed / requests', { failed, requests });
  return math(expression, { failed, share }, period);
}

/**
 * Requests that were `refused` and such that `succeeded`. The function's refusals count by terminal, the gateway's by
 * address, and of each the one with most is left out: one terminal in a loop is nothing, whatever it sends.
 *
 * @param min how many terminals and how many addresses; with fewer of them, those refusals are 0.
 */
function refusals(
  { contributors, outcome }: ServiceMetrics,
  period: Duration,
  [minTerminals, minAddresses]: readonly [terminals: number, addresses: number],
  expression: string,
): MathExpression {
  const refused = math(
    `IF(FILL(terminals, 0) >= ${minTerminals}, by_function - top_terminal, 0) + ` +
      `IF(FILL(addresses, 0) >= ${minAddresses}, by_gateway - top_address, 0)`,
    {
      terminals: contributors('terminals', 'UniqueContributors'),
      by_function: contributors('terminals', 'Sum'),
      top_terminal: contributors('terminals', 'MaxContributorValue'),
      addresses: contributors('addresses', 'UniqueContributors'),
      by_gateway: contributors('addresses', 'Sum'),
      top_address: contributors('addresses', 'MaxContributorValue'),
    },
  );
  const succeeded = math('FILL(logged_out, 0) + FILL(repeated, 0)', {
    logged_out: outcome('logged_out'),
    repeated: outcome('repeated'),
  });
  return math(expression, { refused, succeeded }, period);
}

/** 1 where requests were refused of which nothing else is known, and no logout succeeded; else 0. */
function anonymousRefusalsAlone({ contributors, outcome }: ServiceMetrics, period: Duration): MathExpression {
  return math(
    'IF(FILL(at_gateway, 0) + FILL(malformed, 0) > 0 && FILL(logged_out, 0) + FILL(repeated, 0) == 0, 1, 0)',
    {
      at_gateway: contributors('addresses', 'Sum'),
      malformed: outcome('malformed_body'),
      logged_out: outcome('logged_out'),
      repeated: outcome('repeated'),
    },
    period,
  );
}

/** The percentage of the requests that met a crash or a defect; 0 with fewer than two. */
function defects({ functionErrors, outcome, requests }: ServiceMetrics, period: Duration): MathExpression {
  const errors = outcome('internal_error');
  const failed = math('FILL(crashes, 0) + FILL(errors, 0)', { crashes: functionErrors, errors });
  return math('IF(failed >= 2, 100 * failed / requests, 0)', { failed, requests }, period);
}

/**
 * Of the newest version's `calls`, those that `failed`. It must be divided by the calls: the version that serves has none
 * of its own between rollouts, so a fault of it has no value and does not stop the deployment of what repairs it.
 */
function newVersion(metrics: ServiceMetrics, lines: 'failures' | 'defects', expression: string) {
  const { errors, calls } = metrics.newVersion;
  const failed = math('FILL(errors, 0) + FILL(lines, 0)', { errors, lines: metrics.newVersion[lines] });
  return math(expression, { failed, calls }, Duration.minutes(5));
}
