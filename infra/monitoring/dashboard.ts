import { Aws, Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  type MathExpression,
  type Metric,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { failures, OBJECTIVE } from './alarms.ts';
import type { MetricSources, Outcome, ServiceMetrics } from './metrics.ts';

const WIDTH = 24;

/**
 * One page for two readers, from top to bottom: for on-call what is wrong and whether it is the gateway, the function
 * or the table, in the order in which a request meets them; below it a few figures for the business.
 *
 * @param alarms those that send messages, in the order in which they are shown.
 */
export function createDashboard(
  scope: Construct,
  { name, settings }: Pick<MetricSources, 'name' | 'settings'>,
  metrics: ServiceMetrics,
  alarms: readonly IAlarm[],
): Dashboard {
  const outcomes = (names: readonly Outcome[], period = Duration.minutes(1)) =>
    Object.fromEntries(names.map((outcome) => [outcome, metrics.outcome(outcome).with({ period })]));
  const budget = failures(metrics, Duration.days(OBJECTIVE.days), 'share').with({ label: '5xx and 429' });
  const widgets = [
    heading(
      `# ${name}\nThe first row that is unlike this time yesterday is where to look. Runbook: ${settings.runbookUrl}`,
    ),
    [
      ...(alarms.length > 0
        ? [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 16, height: 4 })]
        : []),
      new SingleValueWidget({
        title: `Failed of ${OBJECTIVE.days} days, in % (the objective allows ${(100 - OBJECTIVE.availabilityPercent).toFixed(1)})`,
        metrics: [budget],
        start: `-P${OBJECTIVE.days}D`,
        setPeriodToTimeRange: true,
        fullPrecision: true,
        width: 8,
        height: 4,
      }),
    ],
    heading('## Gateway and function\nIs it us? Errors are crashes, timeouts and failed starts.'),
    graphs({
      'Requests, a minute': {
        requests: metrics.requests,
        '4xx': metrics.clientErrors,
        '5xx': metrics.serverErrors,
        '429': metrics.throttled,
      },
      'Latency, in ms': { p50: metrics.gatewayLatency('p50'), p95: metrics.gatewayLatency('p95') },
      'Faults, a minute': {
        errors: metrics.functionErrors,
        throttles: metrics.functionThrottles,
        ...outcomes(['internal_error', 'store_unavailable']),
        ...(metrics.probeFailures && { 'failed probes': metrics.probeFailures }),
      },
      'Environments at once': { 'all versions': metrics.functionConcurrency },
    }),
    heading(
      "## Table\nIf DynamoDB's own latency is low and the store's is high, it is the way to it, or repeated attempts.",
    ),
    graphs({
      'Throttles and errors, a minute': {
        'throttled writes': metrics.tableThrottles,
        'system errors': metrics.tableUpdates('SystemErrors', 'Sum'),
      },
      "DynamoDB's own latency, in ms": {
        average: metrics.tableUpdates('SuccessfulRequestLatency', 'Average'),
        slowest: metrics.tableUpdates('SuccessfulRequestLatency', 'Maximum'),
      },
      'The store as the function sees it, in ms': {
        'logged_out, p50': metrics.storeLatency('logged_out', 'p50'),
        'logged_out, p95': metrics.storeLatency('logged_out', 'p95'),
        'store_unavailable, slowest': metrics.storeLatency('store_unavailable', 'Maximum'),
      },
    }),
    heading('## Business\nLogouts, repeats (a terminal asked again for what was done) and refusals.'),
    graphs({
      'Logouts, an hour': outcomes(['logged_out', 'repeated'], Duration.hours(1)),
      'Refusals, an hour': outcomes(
        ['connection_not_found', 'already_logged_out', 'invalid_connection', 'malformed_body'],
        Duration.hours(1),
      ),
    }),
  ];
  return new Dashboard(scope, 'Dashboard', {
    // Dashboards are global to an account: without the region a second one could not have this stage.
    dashboardName: `${name}-${Aws.REGION}`,
    defaultInterval: Duration.hours(3),
    // A graph of three hours shows minutes, so that it shows what an alarm saw.
    periodOverride: PeriodOverride.INHERIT,
    widgets: widgets.map((row) => [row].flat()),
  });
}

function heading(markdown: string): IWidget {
  return new TextWidget({ markdown, width: WIDTH, height: 2 });
}

/** @param titles the graphs of a row: under each title the metrics, by the label that each is shown with. */
function graphs(titles: Record<string, Record<string, Metric | MathExpression>>): IWidget[] {
  const width = WIDTH / Object.keys(titles).length;
  return Object.entries(titles).map(([title, metrics]) => {
    const left = Object.entries(metrics).map(([label, metric]) => metric.with({ label }));
    return new GraphWidget({ title, left, width, height: 6, leftYAxis: { min: 0 } });
  });
}
