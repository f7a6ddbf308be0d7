import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ErrorCode } from '../../lambda/domain/errors.ts';
import type { Success } from '../../lambda/domain/logout.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import type { LogoutApi } from '../api.ts';
import type { LogoutFunction } from '../function.ts';
import type { Settings } from '../settings.ts';
import type { ConnectionTable } from '../table.ts';
import type { Probe } from './probe.ts';

/** What is measured: the parts of the service that write metrics. */
export interface MetricSources {
  /** The stack's name, which begins the names of rules and ends the namespace of metric filters. */
  readonly name: string;
  readonly settings: Settings;
  readonly api: LogoutApi;
  readonly logout: LogoutFunction;
  readonly table: ConnectionTable;
  readonly probe: Probe | undefined;
}

/** The values of the dimension `outcome`. */
export type Outcome = Success['outcome'] | ErrorCode;

export type ServiceMetrics = ReturnType<typeof createServiceMetrics>;

const MINUTE = { period: Duration.minutes(1) };

/**
 * The metrics of alarms and dashboard, of one minute each, with the dimensions that AWS documents. The function's own are
 * those of the alias that the gateway calls, which leave out calls of another version by hand.
 */
export function createServiceMetrics({ name, settings, api, logout, table, probe }: MetricSources) {
  const gatewayMetric = (metricName: string, statistic = 'Sum') =>
    metric('AWS/ApiGateway', metricName, statistic, { ApiId: api.api.apiId, Stage: api.stage.stageName });
  const outcomeMetric = (metricName: string, outcome: Outcome, statistic: string) =>
    metric(METRIC_NAMESPACE, metricName, statistic, { stage: settings.stage, outcome });
  const filterMetric = (metricName: string, dimensions = {}) =>
    metric(`${METRIC_NAMESPACE}/${name}`, metricName, 'Sum', dimensions);
  const { version } = logout.version;
  const newVersionMetric = (metricName: string) => {
    const aliasMetric = logout.live.metric(metricName, { ...MINUTE, statistic: 'Sum' });
    return aliasMetric.with({ dimensionsMap: { ...aliasMetric.dimensions, ExecutedVersion: version } });
  };
  const { certificateArn } = settings;

  return {
    /** Requests that reached the gateway. */
    requests: gatewayMetric('Count'),
    /** Requests that got 5xx, from gateway or function. */
    serverErrors: gatewayMetric('5xx'),
    /** Requests that got 4xx: refused by gateway, authorizer, throttle or function. */
    clientErrors: gatewayMetric('4xx'),
    /** Requests that got 429, counted from the access log. */
    throttled: filterMetric('throttled'),
    /** Milliseconds from the request's arrival at the gateway to the response. */
    gatewayLatency: (statistic: string) => gatewayMetric('Latency', statistic),
    /** Calls of the function for the gateway that ended without a response: a crash, a timeout, a failed start. */
    functionErrors: logout.live.metricErrors(MINUTE),
    /** Calls that Lambda turned away, of all versions, which share the concurrency. */
    functionThrottles: logout.function.metricThrottles(MINUTE),
    /** How many environments of all versions run at once. */
    functionConcurrency: logout.function.metric('ConcurrentExecutions', { ...MINUTE, statistic: 'Maximum' }),
    /** Writes of any caller to the table. */
    tableThrottles: metric('AWS/DynamoDB', 'WriteThrottleEvents', 'Sum', { TableName: table.name }),
    /** The function's writes. */
    tableUpdates: (metricName: 'SystemErrors' | 'SuccessfulRequestLatency', statistic: string) =>
      metric('AWS/DynamoDB', metricName, statistic, { TableName: table.name, Operation: 'UpdateItem' }),
    outcome: (outcome: Outcome) => outcomeMetric('requests', outcome, 'Sum'),
    /** Milliseconds that the store took, all attempts and delays included. */
    storeLatency: (outcome: Outcome, statistic: string) =>
      outcomeMetric('store_latency_ms', outcome, statistic),
    /** Probes that failed: 0 for each one that succeeded. Absent without a probe. */
    probeFailures: probe?.function.metricErrors(MINUTE),
    /** That of the custom domain. Absent without one. */
    certificate:
      certificateArn === undefined
        ? undefined
        : {
            arn: certificateArn,
            daysToExpiry: metric('AWS/CertificateManager', 'DaysToExpiry', 'Minimum', {
              CertificateArn: certificateArn,
            }).with({ period: Duration.days(1) }),
          },
    /**
     * Calls of the newest version by way of the alias, while the alias leads to two versions, and its log lines.
     * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
     */
    newVersion: {
      calls: newVersionMetric('Invocations'),
      errors: newVersionMetric('Errors'),
      failures: filterMetric('failures', { function_version: version }),
      defects: filterMetric('defects', { function_version: version }),
    },
    /**
     * What a rule of Contributor Insights saw: lines, different contributors, and the lines of the one with most.
     * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html
     */
    contributors: (
      rule: 'terminals' | 'addresses',
      statistic: 'Sum' | 'UniqueContributors' | 'MaxContributorValue',
    ) =>
      new MathExpression({
        expression: `INSIGHT_RULE_METRIC("${name}-refused-${rule}", "${statistic}")`,
        ...MINUTE,
      }),
  };
}

function metric(
  namespace: string,
  metricName: string,
  statistic: string,
  dimensionsMap: Record<string, string>,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic, ...MINUTE });
}
