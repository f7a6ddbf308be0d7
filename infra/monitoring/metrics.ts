import { Duration } from 'aws-cdk-lib';
import type { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ErrorCode } from '../../lambda/domain/errors.ts';
import type { Success } from '../../lambda/domain/logout.ts';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';

/** What is measured: the parts of the service that write metrics. */
export interface MetricSources {
  /** The stage of the stack, a dimension of the service's own metrics. */
  readonly stage: string;
  /** The API, and the one stage of it. */
  readonly api: HttpApi;
  readonly apiStage: HttpStage;
  /** What the gateway calls: the alias. Its metrics leave out who calls another version by hand. */
  readonly handler: IFunction;
  /** The function, with all of its versions and aliases. */
  readonly function: IFunction;
  /** The table's name, whoever made the table. */
  readonly tableName: string;
  /** The ARN of the custom domain's certificate, where there is one. */
  readonly certificateArn?: string;
}

/** What a request comes to: the values of the dimension `outcome`. */
export type Outcome = Success['outcome'] | ErrorCode;

/** CloudWatch gets a value a minute of all that is measured here, but of the certificate. */
const MINUTE = Duration.minutes(1);

/**
 * What is measured, whoever looks at it: alarms and dashboard take it from here, and say themselves which of it somebody
 * must act on.
 */
export class ServiceMetrics {
  readonly #sources: MetricSources;

  /** @param sources what writes the metrics. */
  constructor(sources: MetricSources) {
    this.#sources = sources;
  }

  /** Requests that the gateway took, a minute. */
  requests(): Metric {
    return this.#gateway('Count', Stats.SUM);
  }

  /** The part of the requests that were answered 5xx, by gateway or function: 0 to 1. */
  serverErrorRate(): Metric {
    return this.#gateway('5xx', Stats.AVERAGE);
  }

  /** Requests answered 5xx, a minute. */
  serverErrors(): Metric {
    return this.#gateway('5xx', Stats.SUM);
  }

  /** Requests answered 4xx, a minute: refused by gateway, authorizer, throttle or function. */
  clientErrors(): Metric {
    return this.#gateway('4xx', Stats.SUM);
  }

  /**
   * The percentage of the requests that were answered 4xx, and nought while they are few.
   *
   * @param fewest the fewest of a period that count.
   * @param period both are taken over.
   */
  clientErrorShare(fewest: number, period: Duration): MathExpression {
    return new MathExpression({
      expression: `IF(refused >= ${fewest}, 100 * refused_rate, 0)`,
      usingMetrics: {
        refused: this.clientErrors().with({ period }),
        refused_rate: this.#gateway('4xx', Stats.AVERAGE).with({ period }),
      },
      period,
    });
  }

  /** Milliseconds from the request's arrival at the gateway to the answer. @param statistic such as `p95`. */
  gatewayLatency(statistic: string): Metric {
    return this.#gateway('Latency', statistic);
  }

  /** The function's part of the latency, in milliseconds, a cold start included. @param statistic such as `p95`. */
  integrationLatency(statistic: string): Metric {
    return this.#gateway('IntegrationLatency', statistic);
  }

  /** Calls of the function for the gateway that ended without an answer: a crash, a time-out, a failed start. */
  functionErrors(): Metric {
    return this.#sources.handler.metricErrors({ period: MINUTE });
  }

  /** Calls of the function that Lambda turned away. Concurrency is shared by all versions, so all are counted. */
  functionThrottles(): Metric {
    return this.#sources.function.metricThrottles({ period: MINUTE });
  }

  /** Milliseconds that the function ran for the gateway, without its start. @param statistic such as `Maximum`. */
  functionDuration(statistic: string): Metric {
    return this.#sources.handler.metricDuration({ period: MINUTE, statistic });
  }

  /** How many of the function's environments are at work at once. */
  functionConcurrency(): Metric {
    return this.#sources.function.metric('ConcurrentExecutions', {
      period: MINUTE,
      statistic: Stats.MAXIMUM,
    });
  }

  /**
   * The percentage of the account's concurrency in this region that is taken, by all functions in it. What other
   * functions have reserved counts as taken: this one cannot have it. CloudWatch looks the limit up itself, so that it
   * stands nowhere in the stack and is right after it was raised. AWS's list of services whose quotas it knows leaves
   * Lambda out, although others use it so; where it did not, there would be no value, and `functionThrottles` tells.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html
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

  /** Writes to the table that DynamoDB throttled, whoever sent them; 0 where it says nothing. */
  tableThrottles(): MathExpression {
    return orNought('throttled', this.#table('WriteThrottleEvents', Stats.SUM));
  }

  /** Our writes that DynamoDB answered with an error of its own; 0 where it says nothing. */
  tableSystemErrors(): MathExpression {
    return orNought('failed', this.#table('SystemErrors', Stats.SUM, { Operation: 'UpdateItem' }));
  }

  /** Milliseconds that DynamoDB itself took for our writes that succeeded. @param statistic such as `Average`. */
  tableLatency(statistic: string): Metric {
    return this.#table('SuccessfulRequestLatency', statistic, {
      Operation: 'UpdateItem',
    });
  }

  /** Requests that came to an outcome, a minute. */
  outcome(outcome: Outcome): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: 'requests',
      dimensionsMap: { stage: this.#sources.stage, outcome },
      statistic: Stats.SUM,
      period: MINUTE,
    });
  }

  /** The percentage of the requests that came to an outcome. */
  outcomeShare(outcome: Outcome): MathExpression {
    return new MathExpression({
      expression: '100 * counted / requests',
      usingMetrics: { counted: this.outcome(outcome), requests: this.requests() },
      period: MINUTE,
    });
  }

  /** Milliseconds that the store took, all attempts and waits included. @param statistic such as `p95`. */
  storeLatency(outcome: Outcome, statistic: string): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: 'store_latency_ms',
      dimensionsMap: { stage: this.#sources.stage, outcome },
      statistic,
      period: MINUTE,
    });
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

  #gateway(metricName: string, statistic: string): Metric {
    const { api, apiStage } = this.#sources;
    return new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: api.apiId, Stage: apiStage.stageName },
      statistic,
      period: MINUTE,
    });
  }

  #table(metricName: string, statistic: string, dimensions: Record<string, string> = {}): Metric {
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.#sources.tableName, ...dimensions },
      statistic,
      period: MINUTE,
    });
  }
}

/** Of all functions of the account in this region: without dimensions. */
function account(metricName: string): Metric {
  return new Metric({ namespace: 'AWS/Lambda', metricName, statistic: Stats.MAXIMUM, period: MINUTE });
}

/**
 * DynamoDB only counts what happened, and AWS's pages disagree on what an alarm makes of the minutes between: one says
 * that alarms on its metrics always keep their state then, whatever they are told, and so would never end; the other
 * that they can be told. A value in every minute is right by both.
 *
 * @param id what the metric is called in the expression; no other of a graph may be called so.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function orNought(id: string, metric: Metric): MathExpression {
  return new MathExpression({ expression: `FILL(${id}, 0)`, usingMetrics: { [id]: metric }, period: MINUTE });
}
