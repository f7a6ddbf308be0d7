import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ErrorCode } from '../../lambda/domain/errors.ts';
import type { Success } from '../../lambda/domain/logout.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import type { LogoutApi } from '../api.ts';
import type { LogoutFunction } from '../function.ts';
import type { Settings } from '../settings.ts';
import type { ConnectionTable } from '../table.ts';
import type { LogMetrics, VersionMetric } from './log-metrics.ts';
import type { Probe } from './probe.ts';

/** What is measured: the parts of the service that write metrics. */
export interface MetricSources {
  readonly settings: Settings;
  readonly api: LogoutApi;
  readonly logout: LogoutFunction;
  readonly table: ConnectionTable;
  readonly probe: Probe | undefined;
  readonly logMetrics: LogMetrics;
}

/** A rule of Contributor Insights. */
type ContributorRule = 'refusedConnections' | 'refusedAddresses' | 'refusedByVersion';

/** The values of the dimension `outcome`. */
export type Outcome = Success['outcome'] | ErrorCode;

const MINUTE = Duration.minutes(1);

/**
 * The metrics of alarms and dashboard, of one minute each, with the dimensions and the units that AWS documents. What is
 * computed from several of them stands in `metric-math.ts`. The function's own are those of the alias that the gateway
 * calls, which leave out calls of another version by hand.
 */
export class ServiceMetrics {
  readonly #sources: MetricSources;

  /** @param sources what writes the metrics. */
  constructor(sources: MetricSources) {
    this.#sources = sources;
  }

  /** Requests that reached the gateway. */
  requests(): Metric {
    return this.#gateway('Count', Stats.SUM);
  }

  /** Requests answered 5xx, by gateway or function. */
  serverErrors(): Metric {
    return this.#gateway('5xx', Stats.SUM);
  }

  /** Requests answered 4xx: refused by gateway, authorizer, throttle or function. */
  clientErrors(): Metric {
    return this.#gateway('4xx', Stats.SUM);
  }

  /** Requests answered 429, counted from the access log. */
  throttled(): Metric {
    return this.#counted('throttled');
  }

  /** Requests that the gateway passed on to the function. */
  passedOn(): Metric {
    return this.#gateway('IntegrationLatency', Stats.SAMPLE_COUNT);
  }

  /** Milliseconds from the request's arrival at the gateway to the answer. @param statistic such as `p95`. */
  gatewayLatency(statistic: string): Metric {
    return this.#gateway('Latency', statistic);
  }

  /** The function's part of the latency, in milliseconds, a cold start included. @param statistic such as `p95`. */
  integrationLatency(statistic: string): Metric {
    return this.#gateway('IntegrationLatency', statistic);
  }

  /** Calls of the function for the gateway that ended without an answer: a crash, a timeout, a failed start. */
  functionErrors(): Metric {
    return this.#sources.logout.live.metricErrors({ period: MINUTE });
  }

  /** Calls of the function that Lambda turned away. Concurrency is shared by all versions, so all are counted. */
  functionThrottles(): Metric {
    return this.#sources.logout.function.metricThrottles({ period: MINUTE });
  }

  /** Milliseconds that the function ran for the gateway, without its start. @param statistic such as `Maximum`. */
  functionDuration(statistic: string): Metric {
    return this.#sources.logout.live.metricDuration({ period: MINUTE, statistic });
  }

  /** How many environments of the function run at once. */
  functionConcurrency(): Metric {
    return this.#sources.logout.function.metric('ConcurrentExecutions', {
      period: MINUTE,
      statistic: Stats.MAXIMUM,
    });
  }

  /** Writes to the table that DynamoDB throttled, from any caller. */
  tableThrottles(): Metric {
    return this.#table('WriteThrottleEvents', Stats.SUM);
  }

  /** Units that writes to the table consumed. An item of this table is below 1 KB, so a write consumes one. */
  consumedWriteUnits(): Metric {
    return this.#table('ConsumedWriteCapacityUnits', Stats.SUM);
  }

  /** The function's writes that DynamoDB answered with an error of its own. */
  tableSystemErrors(): Metric {
    return this.#table('SystemErrors', Stats.SUM, { Operation: 'UpdateItem' });
  }

  /** Milliseconds that DynamoDB itself took for writes that succeeded. @param statistic such as `Average`. */
  tableLatency(statistic: string): Metric {
    return this.#table('SuccessfulRequestLatency', statistic, { Operation: 'UpdateItem' });
  }

  /** Requests with an outcome. */
  outcome(outcome: Outcome): Metric {
    return this.#own('requests', outcome, Stats.SUM);
  }

  /** Milliseconds that the store took, all attempts and delays included. @param statistic such as `p95`. */
  storeLatency(outcome: Outcome, statistic: string): Metric {
    return this.#own('store_latency_ms', outcome, statistic);
  }

  /** Probes that were sent; `undefined` without a probe. */
  probes(): Metric | undefined {
    return this.#sources.probe?.function.metricInvocations({ period: MINUTE });
  }

  /** Probes that failed; `undefined` without a probe. Lambda writes 0 for each one that succeeded. */
  probeFailures(): Metric | undefined {
    return this.#sources.probe?.function.metricErrors({ period: MINUTE });
  }

  /** Days until the certificate of the custom domain expires; `undefined` without a custom domain. */
  certificateDays(): Metric | undefined {
    const { certificateArn } = this.#sources.settings;
    if (certificateArn === undefined) return undefined;
    return new Metric({
      namespace: 'AWS/CertificateManager',
      metricName: 'DaysToExpiry',
      dimensionsMap: { CertificateArn: certificateArn },
      statistic: Stats.MINIMUM,
      period: Duration.days(1),
    });
  }

  /**
   * Calls of the newest version by way of the alias, while the alias leads to two versions.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
   */
  version(metricName: 'Invocations' | 'Errors'): Metric {
    const { live, version } = this.#sources.logout;
    const ofAlias = live.metric(metricName, { period: MINUTE, statistic: Stats.SUM });
    return ofAlias.with({ dimensionsMap: { ...ofAlias.dimensions, ExecutedVersion: version.version } });
  }

  /** Lines of the newest version. */
  versionLines(metric: VersionMetric): Metric {
    return this.#counted(metric).with({
      dimensionsMap: { function_version: this.#sources.logout.version.version },
    });
  }

  /**
   * What a rule of Contributor Insights saw: how many different contributors, or how many lines of the one with most.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html
   */
  contributors(rule: ContributorRule, metric: 'UniqueContributors' | 'MaxContributorValue'): MathExpression {
    return new MathExpression({
      expression: `INSIGHT_RULE_METRIC("${this.#sources.logMetrics[rule]}", "${metric}")`,
      usingMetrics: {},
      period: MINUTE,
    });
  }

  #gateway(metricName: string, statistic: string): Metric {
    const { api, stage } = this.#sources.api;
    return new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: api.apiId, Stage: stage.stageName },
      statistic,
      period: MINUTE,
    });
  }

  #table(metricName: string, statistic: string, dimensions: Record<string, string> = {}): Metric {
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.#sources.table.name, ...dimensions },
      statistic,
      period: MINUTE,
    });
  }

  #own(metricName: string, outcome: Outcome, statistic: string): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { stage: this.#sources.settings.stage, outcome },
      statistic,
      period: MINUTE,
    });
  }

  #counted(metricName: string): Metric {
    return new Metric({
      namespace: this.#sources.logMetrics.namespace,
      metricName,
      statistic: Stats.SUM,
      period: MINUTE,
    });
  }
}
