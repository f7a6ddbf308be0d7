import { Duration } from 'aws-cdk-lib';
import type { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ErrorCode } from '../../lambda/domain/errors.ts';
import type { Success } from '../../lambda/domain/logout.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import type { LogMetrics, VersionMetric } from './log-metrics.ts';

/** What is measured: the parts of the service that write metrics. */
export interface MetricSources {
  /** The stage of the stack, a dimension of the service's own metrics. */
  readonly stage: string;
  /** The API, and its one stage. */
  readonly api: HttpApi;
  readonly apiStage: HttpStage;
  /** The alias that the gateway calls. Its metrics leave out calls of another version by hand. */
  readonly handler: IFunction;
  /** The function, with all of its versions and aliases. */
  readonly function: IFunction;
  /** The newest version of the function. */
  readonly version: string;
  /** The table's name. */
  readonly tableName: string;
  /** The ARN of the custom domain's certificate. */
  readonly certificateArn?: string | undefined;
  /** The function that probes the service. */
  readonly probe?: IFunction | undefined;
  readonly logMetrics: LogMetrics;
}

/** A rule of Contributor Insights. */
type ContributorRule = 'refusedConnections' | 'refusedAddresses' | 'refusedByVersion';

/** The values of the dimension `outcome`. */
export type Outcome = Success['outcome'] | ErrorCode;

const MINUTE = Duration.minutes(1);

/** A metric of one minute, where nothing else is said, as CloudWatch gets it. */
type Period = { readonly period?: Duration };

/**
 * The metrics of alarms and dashboard, with the dimensions and the units that AWS documents. What is computed from
 * several of them stands in `metric-math.ts`.
 */
export class ServiceMetrics {
  readonly #sources: MetricSources;

  /** @param sources what writes the metrics. */
  constructor(sources: MetricSources) {
    this.#sources = sources;
  }

  /** Requests that reached the gateway. */
  requests(options: Period = {}): Metric {
    return this.#gateway('Count', Stats.SUM, options);
  }

  /** Requests answered 5xx, by gateway or function. */
  serverErrors(options: Period = {}): Metric {
    return this.#gateway('5xx', Stats.SUM, options);
  }

  /** Requests answered 4xx: refused by gateway, authorizer, throttle or function. */
  clientErrors(options: Period = {}): Metric {
    return this.#gateway('4xx', Stats.SUM, options);
  }

  /** Requests answered 429, counted from the access log. */
  throttled(options: Period = {}): Metric {
    return this.#counted('throttled', options);
  }

  /** Requests that the gateway passed on to the function. */
  passedOn(options: Period = {}): Metric {
    return this.#gateway('IntegrationLatency', Stats.SAMPLE_COUNT, options);
  }

  /** Milliseconds from the request's arrival at the gateway to the answer. @param statistic such as `p95`. */
  gatewayLatency(statistic: string, options: Period = {}): Metric {
    return this.#gateway('Latency', statistic, options);
  }

  /** The function's part of the latency, in milliseconds, a cold start included. @param statistic such as `p95`. */
  integrationLatency(statistic: string): Metric {
    return this.#gateway('IntegrationLatency', statistic);
  }

  /** Calls of the function for the gateway that ended without an answer: a crash, a timeout, a failed start. */
  functionErrors(options: Period = {}): Metric {
    return this.#sources.handler.metricErrors({ period: MINUTE, ...options });
  }

  /** Calls of the function that Lambda turned away. Concurrency is shared by all versions, so all are counted. */
  functionThrottles(): Metric {
    return this.#sources.function.metricThrottles({ period: MINUTE });
  }

  /** Milliseconds that the function ran for the gateway, without its start. @param statistic such as `Maximum`. */
  functionDuration(statistic: string): Metric {
    return this.#sources.handler.metricDuration({ period: MINUTE, statistic });
  }

  /** How many environments of the function run at once. */
  functionConcurrency(): Metric {
    return this.#sources.function.metric('ConcurrentExecutions', {
      period: MINUTE,
      statistic: Stats.MAXIMUM,
    });
  }

  /** Writes to the table that DynamoDB throttled, from any caller. */
  tableThrottles(options: Period = {}): Metric {
    return this.#table('WriteThrottleEvents', Stats.SUM, {}, options);
  }

  /** Units that writes to the table consumed. An item of this table is below 1 KB, so a write consumes one. */
  consumedWriteUnits(options: Period = {}): Metric {
    return this.#table('ConsumedWriteCapacityUnits', Stats.SUM, {}, options);
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
  outcome(outcome: Outcome, options: Period = {}): Metric {
    return this.#own('requests', outcome, Stats.SUM, options);
  }

  /** Milliseconds that the store took, all attempts and delays included. @param statistic such as `p95`. */
  storeLatency(outcome: Outcome, statistic: string): Metric {
    return this.#own('store_latency_ms', outcome, statistic);
  }

  /** Probes that were sent; `undefined` without a probe. */
  probes(options: Period = {}): Metric | undefined {
    return this.#sources.probe?.metricInvocations({ period: MINUTE, ...options });
  }

  /** Probes that failed; `undefined` without a probe. Lambda writes 0 for each one that succeeded. */
  probeFailures(): Metric | undefined {
    return this.#sources.probe?.metricErrors({ period: MINUTE });
  }

  /** Days until the certificate of the custom domain expires; `undefined` without a custom domain. */
  certificateDays(): Metric | undefined {
    const { certificateArn } = this.#sources;
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
  version(metricName: 'Invocations' | 'Errors', options: Period = {}): Metric {
    const { handler, version } = this.#sources;
    const ofAlias = handler.metric(metricName, { period: MINUTE, statistic: Stats.SUM, ...options });
    return ofAlias.with({ dimensionsMap: { ...ofAlias.dimensions, ExecutedVersion: version } });
  }

  /** Lines of the newest version. */
  versionLines(metric: VersionMetric, options: Period = {}): Metric {
    return this.#counted(metric, options).with({
      dimensionsMap: { function_version: this.#sources.version },
    });
  }

  /**
   * What a rule of Contributor Insights saw: how many different contributors, or how many lines of the one with most.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html
   */
  contributors(
    rule: ContributorRule,
    metric: 'UniqueContributors' | 'MaxContributorValue',
    { period = MINUTE }: Period = {},
  ): MathExpression {
    return new MathExpression({
      expression: `INSIGHT_RULE_METRIC("${this.#sources.logMetrics[rule]}", "${metric}")`,
      usingMetrics: {},
      period,
    });
  }

  #gateway(metricName: string, statistic: string, options: Period = {}): Metric {
    const { api, apiStage } = this.#sources;
    return new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: api.apiId, Stage: apiStage.stageName },
      statistic,
      period: MINUTE,
      ...options,
    });
  }

  #table(
    metricName: string,
    statistic: string,
    dimensions: Record<string, string> = {},
    options: Period = {},
  ): Metric {
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.#sources.tableName, ...dimensions },
      statistic,
      period: MINUTE,
      ...options,
    });
  }

  #own(metricName: string, outcome: Outcome, statistic: string, options: Period = {}): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { stage: this.#sources.stage, outcome },
      statistic,
      period: MINUTE,
      ...options,
    });
  }

  #counted(metricName: string, options: Period): Metric {
    return new Metric({
      namespace: this.#sources.logMetrics.namespace,
      metricName,
      statistic: Stats.SUM,
      period: MINUTE,
      ...options,
    });
  }
}
