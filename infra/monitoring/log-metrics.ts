import { Stack } from 'aws-cdk-lib';
import { CfnInsightRule } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import type { LogoutFunction } from '../function.ts';

/** What is counted from logs. */
export interface LogMetricsProps {
  /** Begins the names of the rules, which are unique in an account and region. */
  readonly name: string;
  /** The function, whose log has one line a request. A rollout watches its newest version. */
  readonly logout: LogoutFunction;
  /** The gateway's access log. */
  readonly accessLog: ILogGroup;
}

/** What a rollout counts of each version, with the lines that count. The probe and the hook are left out. */
const VERSION_METRICS = {
  failures: '$.status >= 500',
  defects: '$.outcome = "internal_error"',
  refusals:
    '$.status >= 400 && $.status < 500 && ' +
    `($.connection_id NOT EXISTS || $.connection_id != "${NONEXISTENT_ID}")`,
} as const;

/** A count of a rollout, by the version of the function. */
export type VersionMetric = keyof typeof VERSION_METRICS;

/**
 * Metrics that AWS does not have, counted from the logs by CloudWatch: metric filters count lines, and Contributor
 * Insights counts who sends them, so that one terminal in a loop is one contributor.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
 */
export class LogMetrics extends Construct {
  /** The namespace of the filters' metrics. It holds the stack's name, since the access log has no field for it. */
  readonly namespace: string;
  /** The rule that counts connections in refused requests which reached the function. */
  readonly refusedConnections: string;
  /** The rule that counts addresses of refused requests. */
  readonly refusedAddresses: string;
  /** The same as `refusedConnections`, of the newest version alone. */
  readonly refusedByVersion: string;

  /**
   * @param scope what they belong to.
   * @param id unique in the scope.
   * @param props see {@link LogMetricsProps}.
   */
  constructor(scope: Construct, id: string, props: LogMetricsProps) {
    super(scope, id);
    const { name, accessLog } = props;
    const { logGroup: functionLog, version } = props.logout;
    this.namespace = `${METRIC_NAMESPACE}/${name}`;

    new MetricFilter(this, 'Throttled', {
      logGroup: accessLog,
      filterPattern: FilterPattern.literal('{ $.status = "429" }'),
      metricNamespace: this.namespace,
      metricName: 'throttled',
      // A value in each minute that has a line.
      defaultValue: 0,
    });
    for (const [metricName, condition] of Object.entries(VERSION_METRICS)) {
      new MetricFilter(this, `Version-${metricName}`, {
        logGroup: functionLog,
        filterPattern: FilterPattern.literal(`{ ${condition} }`),
        metricNamespace: this.namespace,
        metricName,
        dimensions: { function_version: '$.function_version' },
      });
    }

    const refusedByFunction = [
      { Match: '$.status', GreaterThan: 399 },
      { Match: '$.status', LessThan: 500 },
      { Match: '$.connection_id', NotIn: [NONEXISTENT_ID] },
    ];
    /** @returns the name of a rule that counts the values of `key` in the lines that pass all filters, four at most. */
    const createRule = (id: string, log: ILogGroup, key: string, filters: readonly object[]): string => {
      const ruleName = `${name}-${id}`;
      new CfnInsightRule(this, id, {
        ruleName,
        ruleState: 'ENABLED',
        ruleBody: Stack.of(this).toJsonString({
          Schema: { Name: 'CloudWatchLogRule', Version: 1 },
          LogGroupNames: [log.logGroupName],
          LogFormat: 'JSON',
          Contribution: { Keys: [key], Filters: filters },
          AggregateOn: 'Count',
        }),
      });
      return ruleName;
    };
    this.refusedConnections = createRule(
      'refused-connections',
      functionLog,
      '$.connection_id',
      refusedByFunction,
    );
    this.refusedAddresses = createRule('refused-addresses', accessLog, '$.source_ip', [
      { Match: '$.status', StartsWith: ['4'] },
      { Match: '$.status', NotIn: ['429'] },
      // Scanners of the internet send GET and POST.
      { Match: '$.method', In: ['PUT'] },
    ]);
    this.refusedByVersion = createRule('refused-by-version', functionLog, '$.connection_id', [
      ...refusedByFunction,
      { Match: '$.function_version', In: [version.version] },
    ]);
  }
}
