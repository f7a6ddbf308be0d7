import { Aws, Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  LogQueryWidget,
  type MathExpression,
  type Metric,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { accountConcurrency, failurePercent } from './metric-math.ts';
import type { Outcome, ServiceMetrics } from './metrics.ts';
import { ERROR_BUDGET_PERCENT, OBJECTIVE } from './objective.ts';
import { SAVED_QUERIES } from './queries.ts';

/** What the dashboard shows. */
export interface ServiceDashboardProps {
  /** The dashboard's name in the console. */
  readonly name: string;
  /** What is measured. */
  readonly metrics: ServiceMetrics;
  /** Every alarm, in the order in which they are shown. */
  readonly alarms: readonly IAlarm[];
  /** The name of the function's log group. */
  readonly functionLog: string;
  /** Where the runbook is read. */
  readonly runbookUrl: string;
}

const WIDTH = 24;
const HOUR = Duration.hours(1);

/** What a terminal asked for wrongly, or too late. */
const REFUSALS: readonly Outcome[] = [
  'malformed_body',
  'invalid_connection',
  'connection_not_found',
  'already_logged_out',
  'body_too_large',
  'unsupported_media_type',
];

/**
 * One page for two readers, from top to bottom: for on-call what is wrong and whether it is the gateway, the function
 * or the table, in the order in which a request meets them; below it a few figures for the business.
 *
 * @returns the dashboard.
 */
export function serviceDashboard(scope: Construct, id: string, props: ServiceDashboardProps): Dashboard {
  const { name, metrics, alarms, functionLog, runbookUrl } = props;
  return new Dashboard(scope, id, {
    // Dashboards are global to an account: without the region a second one could not have this stage.
    dashboardName: `${name}-${Aws.REGION}`,
    defaultInterval: Duration.hours(3),
    // A graph of three hours shows minutes, so that it shows what an alarm saw.
    periodOverride: PeriodOverride.INHERIT,
    widgets: [
      [
        heading(
          `# ${name}\nRead from top to bottom: what is wrong, then gateway, function, table. ` +
            `The first of them that is unlike this time yesterday is where to look. Runbook: ${runbookUrl}`,
        ),
      ],
      [
        new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: (WIDTH * 2) / 3, height: 4 }),
        new SingleValueWidget({
          title: `Failed of ${OBJECTIVE.days} days, in % (the objective allows ${ERROR_BUDGET_PERCENT})`,
          metrics: [failurePercent(metrics, Duration.days(OBJECTIVE.days), 0).with({ label: '5xx and 429' })],
          start: `-P${OBJECTIVE.days}D`,
          setPeriodToTimeRange: true,
          fullPrecision: true,
          width: WIDTH / 3,
          height: 4,
        }),
      ],

      [heading('## Gateway\nDo terminals get answers, and soon? `429` and refused callers are 4xx.')],
      [
        graph('Requests, a minute', {
          requests: metrics.requests(),
          '4xx': metrics.clientErrors(),
          '5xx': metrics.serverErrors(),
          '429': metrics.throttled(),
        }),
        graph('Answers, in ms', {
          'half are faster': metrics.gatewayLatency('p50'),
          '95 % are faster': metrics.gatewayLatency('p95'),
        }),
        graph("The function's part of it, in ms", {
          'half are faster': metrics.integrationLatency('p50'),
          '95 % are faster': metrics.integrationLatency('p95'),
        }),
      ],

      [
        heading(
          '## Function\nIs it us? `internal_error` is a defect. Errors are crashes, timeouts and failed starts.',
        ),
      ],
      [
        graph('Faults, a minute', {
          errors: metrics.functionErrors(),
          throttles: metrics.functionThrottles(),
          ...outcomes(['internal_error', 'store_unavailable']),
        }),
        graph('Duration, in ms', {
          'half are faster': metrics.functionDuration('p50'),
          slowest: metrics.functionDuration('Maximum'),
        }),
        graph("Concurrency, and what is taken of the account's", {
          'of this function': metrics.functionConcurrency(),
          '% of the account': accountConcurrency(),
        }),
      ],

      [
        heading(
          "## Table\nIs it the table, or the way to it? If DynamoDB's own latency is low and the store's is high, " +
            'it is the way, or attempts that are repeated.',
        ),
      ],
      [
        graph('Throttles and errors, a minute', {
          'throttled writes': metrics.tableThrottles(),
          'system errors': metrics.tableSystemErrors(),
        }),
        graph("DynamoDB's own latency, in ms", {
          average: metrics.tableLatency('Average'),
          slowest: metrics.tableLatency('Maximum'),
        }),
        graph('The store as the function sees it, in ms', {
          'logged_out, half are faster': metrics.storeLatency('logged_out', 'p50'),
          'logged_out, 95 % are faster': metrics.storeLatency('logged_out', 'p95'),
          'store_unavailable, slowest': metrics.storeLatency('store_unavailable', 'Maximum'),
        }),
      ],
      [causes(functionLog)],

      [
        heading(
          '## Business\nLogouts, repeats (a terminal asked again for what was done) and refusals, over the time chosen above.',
        ),
      ],
      [
        new SingleValueWidget({
          title: 'In all',
          metrics: Object.values(outcomes(['logged_out', 'repeated', 'store_unavailable', 'internal_error'])),
          setPeriodToTimeRange: true,
          width: WIDTH,
          height: 4,
        }),
      ],
      [
        graph('Logouts, an hour', outcomes(['logged_out', 'repeated'], HOUR), WIDTH / 2),
        graph('Refusals, an hour', outcomes(REFUSALS, HOUR), WIDTH / 2),
      ],
    ],
  });

  function outcomes(names: readonly Outcome[], period?: Duration): Record<string, Metric> {
    const options = period && { period };
    return Object.fromEntries(
      names.map((name) => [name, metrics.outcome(name).with({ label: name, ...options })]),
    );
  }
}

function heading(markdown: string): IWidget {
  return new TextWidget({ markdown, width: WIDTH, height: 2 });
}

/** @param metrics each under the label that it is shown with. */
function graph(title: string, metrics: Record<string, Metric | MathExpression>, width = WIDTH / 3): IWidget {
  const left = Object.entries(metrics).map(([label, metric]) => metric.with({ label }));
  return new GraphWidget({ title, left, width, height: 6, leftYAxis: { min: 0 } });
}

/** Shows the saved query, which can be changed there. */
function causes(functionLog: string): IWidget {
  const query = SAVED_QUERIES.find(({ id }) => id === 'us-or-dynamodb');
  return new LogQueryWidget({
    title: 'Causes of 500 and 503',
    logGroupNames: [functionLog],
    queryString: query?.text ?? '',
    width: WIDTH,
    height: 6,
  });
}
