import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ServiceMetrics } from './metrics.ts';

/*
 * What CloudWatch computes from several metrics for the alarms. CDK gives each of them the period of the expression.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */

/** The percentage of the requests that failed: answered 5xx or 429. @param minFailures with fewer it is 0. */
export function failurePercent(
  metrics: ServiceMetrics,
  period: Duration,
  minFailures: number,
): MathExpression {
  const count = 'failed + FILL(throttled, 0)';
  return percent(
    period,
    { count, of: 'requests', condition: `(${count}) >= ${minFailures}` },
    {
      failed: metrics.serverErrors(),
      throttled: metrics.throttled(),
      requests: metrics.requests(),
    },
  );
}

/**
 * The percentage of the requests that were refused, without those of the probe and of the one that was refused most. It
 * is 0 unless several connections or addresses were refused, so that one terminal in a loop does not count.
 *
 * @param min how many. Without addresses only connections count.
 */
export function refusalPercent(
  metrics: ServiceMetrics,
  period: Duration,
  min: { readonly connections: number; readonly addresses?: number },
): MathExpression {
  const probe = metrics.probes();
  const probes = probe === undefined ? '' : ' - FILL(probes, 0)';
  const counts = {
    refused: metrics.clientErrors(),
    throttled: metrics.throttled(),
    requests: metrics.requests(),
    ...(probe && { probes: probe }),
  };
  const share = (several: string, most: string) =>
    `IF(${several}, 100 * (refused - FILL(throttled, 0)${probes} - ${most}) / (requests${probes} - ${most}), 0)`;
  const byConnection = new MathExpression({
    expression: share(`FILL(connections, 0) >= ${min.connections}`, 'FILL(top_connection, 0)'),
    usingMetrics: {
      ...counts,
      connections: metrics.contributors('refusedConnections', 'UniqueContributors'),
      top_connection: metrics.contributors('refusedConnections', 'MaxContributorValue'),
    },
    period,
  });
  if (min.addresses === undefined) return byConnection;

  // The probe is refused too, from an address of Lambda's. Where that is the top one, no caller is in a loop.
  const topAddress =
    probe === undefined ? 'FILL(top_address, 0)' : 'IF(FILL(top_address, 0) > probes, top_address, 0)';
  const minAddresses = min.addresses + (probe === undefined ? 0 : 1);
  const byAddress = new MathExpression({
    expression: share(`FILL(addresses, 0) >= ${minAddresses}`, topAddress),
    usingMetrics: {
      ...counts,
      addresses: metrics.contributors('refusedAddresses', 'UniqueContributors'),
      top_address: metrics.contributors('refusedAddresses', 'MaxContributorValue'),
    },
    period,
  });
  return new MathExpression({
    expression:
      'IF(FILL(by_connection, 0) >= FILL(by_address, 0), FILL(by_connection, 0), FILL(by_address, 0))',
    usingMetrics: { by_connection: byConnection, by_address: byAddress },
    period,
  });
}

/** Crashes and defects together. */
export function defects(metrics: ServiceMetrics, period: Duration): MathExpression {
  return new MathExpression({
    expression: 'FILL(crashes, 0) + FILL(defects, 0)',
    usingMetrics: {
      crashes: metrics.functionErrors(),
      defects: metrics.outcome('internal_error'),
    },
    period,
  });
}

/** 1 where the gateway passed requests on to the function, and the service's own metrics counted none of them. */
export function blindness(metrics: ServiceMetrics, period: Duration, minRequests: number): MathExpression {
  // Ten metrics is the most that an alarm takes; these are the outcomes that every fleet has.
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
  const outcomes = ['logged_out', 'repeated', 'connection_not_found', 'already_logged_out'] as const;
  const faults = ['invalid_connection', 'store_unavailable', 'internal_error'] as const;
  const counted = [...outcomes, ...faults].map((name) => [name, metrics.outcome(name)] as const);
  const sum = counted.map(([name]) => `FILL(${name}, 0)`).join(' + ');
  return new MathExpression({
    expression: `IF(passed_on >= ${minRequests} && ${sum} == 0, 1, 0)`,
    usingMetrics: { passed_on: metrics.passedOn(), ...Object.fromEntries(counted) },
    period,
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
export function accountConcurrency(): MathExpression {
  const period = Duration.minutes(1);
  // Without dimensions: of all functions.
  const account = (metricName: string) =>
    new Metric({ namespace: 'AWS/Lambda', metricName, statistic: Stats.MAXIMUM });
  return new MathExpression({
    expression: '100 * claimed / SERVICE_QUOTA(running)',
    usingMetrics: {
      claimed: account('ClaimedAccountConcurrency'),
      running: account('ConcurrentExecutions'),
    },
    period,
  });
}

/** The percentage of the writes that DynamoDB throttled. @param minThrottled with fewer it is 0. */
export function tableThrottlePercent(
  metrics: ServiceMetrics,
  period: Duration,
  minThrottled: number,
): MathExpression {
  return percent(
    period,
    { count: 'throttled', of: '(throttled + FILL(written, 0))', condition: `throttled >= ${minThrottled}` },
    { throttled: metrics.tableThrottles(), written: metrics.consumedWriteUnits() },
  );
}

/** Crashes and defects of the newest version, while a rollout gives it a part of the traffic. */
export function versionDefects(metrics: ServiceMetrics, period: Duration): MathExpression {
  return new MathExpression({
    expression: 'FILL(crashes, 0) + FILL(lines, 0)',
    usingMetrics: {
      crashes: metrics.version('Errors'),
      lines: metrics.versionLines('defects'),
    },
    period,
  });
}

/** The percentage of the newest version's requests that failed. @param minFailures with fewer it is 0. */
export function versionFailurePercent(
  metrics: ServiceMetrics,
  period: Duration,
  minFailures: number,
): MathExpression {
  const count = 'FILL(crashes, 0) + FILL(lines, 0)';
  return percent(
    period,
    { count, of: 'calls', condition: `(${count}) >= ${minFailures}` },
    {
      crashes: metrics.version('Errors'),
      lines: metrics.versionLines('failures'),
      calls: metrics.version('Invocations'),
    },
  );
}

/** The percentage of the newest version's requests that were refused; 0 with fewer connections than these. */
export function versionRefusalPercent(
  metrics: ServiceMetrics,
  period: Duration,
  minConnections: number,
): MathExpression {
  return percent(
    period,
    { count: 'FILL(lines, 0)', of: 'calls', condition: `FILL(connections, 0) >= ${minConnections}` },
    {
      lines: metrics.versionLines('refusals'),
      calls: metrics.version('Invocations'),
      connections: metrics.contributors('refusedByVersion', 'UniqueContributors'),
    },
  );
}

/** A percentage that is 0 where a condition is not met, and has no value where the whole is 0 or has none. */
function percent(
  period: Duration,
  { count, of, condition }: { readonly count: string; readonly of: string; readonly condition: string },
  usingMetrics: Record<string, IMetric>,
): MathExpression {
  const expression = `IF(${condition}, 100 * (${count}) / ${of}, 0)`;
  return new MathExpression({ expression, usingMetrics, period });
}
