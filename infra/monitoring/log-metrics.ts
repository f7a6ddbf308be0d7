import { Stack } from 'aws-cdk-lib';
import { CfnInsightRule } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import type { QueriedLogs } from './queries.ts';

/**
 * Metrics that AWS does not have, counted from the logs by CloudWatch: metric filters count lines, and Contributor
 * Insights counts who sends them.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
 */
export class LogMetrics extends Construct {
  /**
   * @param scope what they belong to.
   * @param id unique in the scope.
   * @param props the stack's name, which begins the names of the rules, and the logs of function and gateway. All values
   *   of the latter are strings.
   */
  constructor(scope: Construct, id: string, { name, logs }: { name: string; logs: QueriedLogs }) {
    super(scope, id);
    // With the stack's name in it, since the access log has no field for the stage.
    const metricNamespace = `${METRIC_NAMESPACE}/${name}`;
    new MetricFilter(this, 'Throttled', {
      logGroup: logs.access,
      filterPattern: FilterPattern.literal('{ $.status = "429" }'),
      metricNamespace,
      metricName: 'throttled',
    });
    const byVersion = { failures: '$.status >= 500', defects: '$.outcome = "internal_error"' };
    for (const [metricName, condition] of Object.entries(byVersion)) {
      new MetricFilter(this, `Version-${metricName}`, {
        logGroup: logs.function,
        filterPattern: FilterPattern.literal(`{ ${condition} }`),
        metricNamespace,
        metricName,
        dimensions: { function_version: '$.function_version' },
      });
    }

    const createRule = (ruleName: string, log: ILogGroup, key: string, filters: readonly object[]) =>
      new CfnInsightRule(this, ruleName, {
        ruleName: `${name}-${ruleName}`,
        ruleState: 'ENABLED',
        ruleBody: Stack.of(this).toJsonString({
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
  }
}
