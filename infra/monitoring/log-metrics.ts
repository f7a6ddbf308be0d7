import { Stack } from 'aws-cdk-lib';
import { CfnInsightRule } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import type { QueriedLogs } from './queries.ts';

/**
 * Metrics that AWS does not have, counted from the logs by CloudWatch: metric filters count lines, and Contributor
 * Insights counts who sends them.
 *
 * @param name the stack's, which begins the names of the rules.
 * @param logs those that are read. All values of the gateway's are strings.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
 */
export function createLogMetrics(scope: Construct, name: string, logs: QueriedLogs): Construct {
  // With the stack's name in it, since the access log has no field for the stage.
  const metricNamespace = `${METRIC_NAMESPACE}/${name}`;
  new MetricFilter(scope, 'Throttled', {
    logGroup: logs.access,
    filterPattern: FilterPattern.literal('{ $.status = "429" }'),
    metricNamespace,
    metricName: 'throttled',
    // A value in each minute that has a line, so that the metric is there before the first 429.
    defaultValue: 0,
  });
  const byVersion = { failures: '$.status >= 500', defects: '$.outcome = "internal_error"' };
  for (const [metricName, condition] of Object.entries(byVersion)) {
    new MetricFilter(scope, `Version-${metricName}`, {
      logGroup: logs.function,
      filterPattern: FilterPattern.literal(`{ ${condition} }`),
      metricNamespace,
      metricName,
      dimensions: { function_version: '$.function_version' },
    });
  }

  const createRule = (ruleName: string, log: ILogGroup, key: string, filters: readonly object[]) =>
    new CfnInsightRule(scope, ruleName, {
      ruleName: `${name}-${ruleName}`,
      ruleState: 'ENABLED',
      ruleBody: Stack.of(scope).toJsonString({
        Schema: { Name: 'CloudWatchLogRule', Version: 1 },
        LogGroupNames: [log.logGroupName],
        LogFormat: 'JSON',
        Contribution: { Keys: [key], Filters: filters },
        AggregateOn: 'Count',
      }),
    });
  // The terminals whose requests the function refused, but not the probe.
  createRule('refused-terminals', logs.function, '$.contributor', [
    { Match: '$.status', GreaterThan: 399 },
    { Match: '$.status', LessThan: 500 },
    { Match: '$.contributor', NotIn: [NONEXISTENT_ID] },
  ]);
  // The addresses of requests to the route of which nothing else is known.
  createRule('refused-addresses', logs.access, '$.source_ip', [
    { Match: '$.route_key', In: [`PUT ${ROUTE_PATH}`] },
    { Match: '$.status', In: ['401', '403', '413', '415'] },
  ]);
  return scope;
}
