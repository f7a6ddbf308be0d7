import { Duration } from 'aws-cdk-lib';
import type { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
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

/** The values of the dimension `outcome`. */
export type Outcome = Success['outcome'] | ErrorCode;

const MINUTE = Duration.minutes(1);

/** A metric of one minute, where nothing else is said, as CloudWatch gets it. */
type Period = { readonly period?: Duration };

/** Everything that alarms and dashboard use, with the dimensions and the units that AWS documents. */
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

  /** The percentage of the requests that failed: answered 5xx or 429. @param minFailures with fewer it is 0. */
  failurePercent(period: Duration, minFailures: number): MathExpression {
    return percent(
      period,
      { count: 'failed + FILL(throttled, 0)', of: 'requests', condition: `COUNT >= ${minFailures}` },
      {
        failed: this.serverErrors({ period }),
        throttled: this.throttled({ period }),
        requests: this.requests({ period }),
      },
    );
  }

  /**
   * The percentage of the requests that were refused, without those of the probe and of the one that was refused most. It
   * is 0 unless several connections or addresses were refused, so that one terminal in a loop does not count.
   *
   * @param min how many. Without addresses only connections count.
   */
  refusalPercent(
    period: Duration,
    min: { readonly connections: number; readonly addresses?: number },
  ): MathExpression {
    const { probe, logMetrics } = this.#sources;
    const probes = probe === undefined ? '' : ' - FILL(probes, 0)';
    const counts = {
      refused: this.clientErrors({ period }),
      throttled: this.throttled({ period }),
      requests: this.requests({ period }),
      ...(probe && { probes: probe.metricInvocations({ period }) }),
    };
    const share = (several: string, most: string) =>
      `IF(${several}, 100 * (refused - FILL(throttled, 0)${probes} - ${most}) / (requests${probes} - ${most}), 0)`;
    const { refusedConnections, refusedAddresses } = logMetrics;
    const connections = {
      connections: contributors(refusedConnections, 'UniqueContributors', period),
      top_connection: contributors(refusedConnections, 'MaxContributorValue', period),
    };
    const byConnection = share(`FILL(connections, 0) >= ${min.connections}`, 'FILL(top_connection, 0)');
    if (min.addresses === undefined) {
      return new MathExpression({
        expression: byConnection,
        usingMetrics: { ...counts, ...connections },
        period,
      });
    }
    const addresses = {
      addresses: contributors(refusedAddresses, 'UniqueContributors', period),
      top_address: contributors(refusedAddresses, 'MaxContributorValue', period),
    };
    // The probe is refused too, from an address of Lambda's. Where that is the top one, no caller is in a loop.
    const topAddress =
      probe === undefined ? 'FILL(top_address, 0)' : 'IF(FILL(top_address, 0) > probes, top_address, 0)';
    const minAddresses = min.addresses + (probe === undefined ? 0 : 1);
    return new MathExpression({
      expression:
        'IF(FILL(by_connection, 0) >= FILL(by_address, 0), FILL(by_connection, 0), FILL(by_address, 0))',
      usingMetrics: {
        by_connection: new MathExpression({
          expression: byConnection,
          usingMetrics: { ...counts, ...connections },
          period,
        }),
        by_address: new MathExpression({
          expression: share(`FILL(addresses, 0) >= ${minAddresses}`, topAddress),
          usingMetrics: { ...counts, ...addresses },
          period,
        }),
      },
      period,
    });
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

  /** Crashes and defects together. */
  defects(period: Duration): MathExpression {
    return new MathExpression({
      expression: 'FILL(crashes, 0) + FILL(defects, 0)',
      usingMetrics: {
        crashes: this.functionErrors({ period }),
        defects: this.outcome('internal_error', { period }),
      },
      period,
    });
  }

  /** 1 where the gateway passed requests on to the function, and the service's own metrics counted none of them. */
  blindness(period: Duration, minRequests: number): MathExpression {
    // Ten metrics is the most that an alarm takes; these are the outcomes that every fleet has.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
    const outcomes = ['logged_out', 'repeated', 'connection_not_found', 'already_logged_out'] as const;
    const faults = ['invalid_connection', 'store_unavailable', 'internal_error'] as const;
    const counted = [...outcomes, ...faults].map((name) => [name, this.outcome(name, { period })] as const);
    const sum = counted.map(([name]) => `FILL(${name}, 0)`).join(' + ');
    return new MathExpression({
      expression: `IF(passed_on >= ${minRequests} && ${sum} == 0, 1, 0)`,
      usingMetrics: {
        passed_on: this.#gateway('IntegrationLatency', Stats.SAMPLE_COUNT, { period }),
        ...Object.fromEntries(counted),
      },
      period,
    });
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

  /**
   * The percentage of the account's concurrency in this region that is used, by all functions in it. What other
   * functions have reserved counts as used. CloudWatch looks the limit up itself. That it knows Lambda's is a belief:
   * AWS's list of services whose quotas it knows leaves Lambda out.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html
   */
  accountConcurrency(): MathExpression {
    return new MathExpression({
      expression: '100 * claimed / SERVICE_QUOTA(running)',
      usingMetrics: {
        claimed: account('ClaimedAccountConcurrency'),
        running: account('ConcurrentExecutions'),
      },
      period: MINUTE,
    });
  }

  /** Writes to the table that DynamoDB throttled, from any caller. */
  tableThrottles(options: Period = {}): Metric {
    return this.#table('WriteThrottleEvents', Stats.SUM, {}, options);
  }

  /**
   * The percentage of the writes that DynamoDB throttled. An item of this table is below 1 KB, so a write consumes one
   * unit. @param minThrottled with fewer it is 0.
   */
  tableThrottlePercent(period: Duration, minThrottled: number): MathExpression {
    return percent(
      period,
      {
        count: 'throttled',
        of: '(throttled + FILL(written, 0))',
        condition: `COUNT >= ${minThrottled}`,
      },
      {
        throttled: this.tableThrottles({ period }),
        written: this.#table('ConsumedWriteCapacityUnits', Stats.SUM, {}, { period }),
      },
    );
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

  /** Crashes and defects of the newest version, while a rollout gives it a part of the traffic. */
  versionDefects(period: Duration): MathExpression {
    return new MathExpression({
      expression: 'FILL(crashes, 0) + FILL(lines, 0)',
      usingMetrics: {
        crashes: this.#version('Errors', period),
        lines: this.#versionLines('defects', period),
      },
      period,
    });
  }

  /** The percentage of the newest version's requests that failed. @param minFailures with fewer it is 0. */
  versionFailurePercent(period: Duration, minFailures: number): MathExpression {
    return percent(
      period,
      { count: 'FILL(crashes, 0) + FILL(lines, 0)', of: 'calls', condition: `COUNT >= ${minFailures}` },
      {
        crashes: this.#version('Errors', period),
        lines: this.#versionLines('failures', period),
        calls: this.#version('Invocations', period),
      },
    );
  }

  /** The percentage of the newest version's requests that were refused; 0 with fewer connections than these. */
  versionRefusalPercent(period: Duration, minConnections: number): MathExpression {
    return percent(
      period,
      {
        count: 'FILL(lines, 0)',
        of: 'calls',
        condition: `FILL(connections, 0) >= ${minConnections}`,
      },
      {
        lines: this.#versionLines('refusals', period),
        calls: this.#version('Invocations', period),
        connections: contributors(this.#sources.logMetrics.refusedByVersion, 'UniqueContributors', period),
      },
    );
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

  #versionLines(metric: VersionMetric, period: Duration): Metric {
    return this.#counted(metric, { period }).with({
      dimensionsMap: { function_version: this.#sources.version },
    });
  }

  /**
   * Calls of the newest version by way of the alias, while the alias leads to two versions.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
   */
  #version(metricName: string, period: Duration): Metric {
    const { handler, version } = this.#sources;
    const ofAlias = handler.metric(metricName, { period, statistic: Stats.SUM });
    return ofAlias.with({ dimensionsMap: { ...ofAlias.dimensions, ExecutedVersion: version } });
  }
}

/** Of all functions of the account in this region: without dimensions. */
function account(metricName: string): Metric {
  return new Metric({ namespace: 'AWS/Lambda', metricName, statistic: Stats.MAXIMUM, period: MINUTE });
}

/**
 * A percentage that is 0 where a condition is not met, and has no value where the whole is 0 or has none.
 *
 * @param parts `condition` may name the count as `COUNT`.
 */
function percent(
  period: Duration,
  parts: { readonly count: string; readonly of: string; readonly condition: string },
  usingMetrics: Record<string, IMetric>,
): MathExpression {
  const { count, of, condition } = parts;
  const expression = `IF(${condition.replace('COUNT', `(${count})`)}, 100 * (${count}) / ${of}, 0)`;
  return new MathExpression({ expression, usingMetrics, period });
}

/**
 * What a rule of Contributor Insights saw: how many different contributors, or how many lines of the one with most.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html
 */
function contributors(
  rule: string,
  metric: 'UniqueContributors' | 'MaxContributorValue',
  period: Duration,
): MathExpression {
  return new MathExpression({
    expression: `INSIGHT_RULE_METRIC("${rule}", "${metric}")`,
    usingMetrics: {},
    period,
  });
}
