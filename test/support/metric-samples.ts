/** Which metric: what CloudWatch tells metrics apart by. */
export interface MetricReference {
  readonly namespace: string;
  readonly name: string;
  /** Values as they stand in a template may be references: any JSON. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** One measured value. */
export interface Sample {
  readonly metric: MetricReference;
  /** Seconds from the start of the recording. */
  readonly at: number;
  readonly value: number;
}

/** The same text for the same metric: dimensions have no order. */
export function metricKey({ namespace, name, dimensions }: MetricReference): string {
  const named = Object.entries(dimensions).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [namespace, name, ...named.toSorted()].join('|');
}

/** The samples of each metric, by {@link metricKey}. */
export type Recording = ReadonlyMap<string, readonly Sample[]>;

/** Sorts samples by metric, once for all alarms that are replayed over them. */
export function recordingOf(samples: readonly Sample[]): Recording {
  return Map.groupBy(samples, ({ metric }) => metricKey(metric));
}

/** What a line of the function's log holds in the embedded metric format. */
interface EmbeddedMetrics {
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string }[];
  }[];
}

/**
 * Takes the metrics out of a line of the function's log, as CloudWatch does.
 *
 * @param line the line, parsed.
 * @param start the start of the recording, in milliseconds since 1970.
 * @returns a sample for each metric and each set of dimensions; none where the line holds no metrics.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function samplesOfLine(line: Readonly<Record<string, unknown>>, start: number): Sample[] {
  const embedded = line._aws as EmbeddedMetrics | undefined;
  if (embedded === undefined) return [];
  const at = (embedded.Timestamp - start) / 1_000;
  return embedded.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        metric: {
          namespace: Namespace,
          name: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, line[name]])),
        },
        at,
        value: line[Name] as number,
      })),
    ),
  );
}

/** The resources whose metrics AWS writes, as dimensions name them. */
export interface MeasuredResources {
  readonly apiId: unknown;
  readonly apiStage: unknown;
  readonly functionName: unknown;
  /** The function's name, a colon and the alias. */
  readonly alias: unknown;
  readonly tableName: unknown;
}

/** One request, as AWS's own services see it. */
export interface MeasuredRequest {
  /** Seconds from the start of the recording. */
  readonly at: number;
  /** The status of the answer. */
  readonly status: number;
  /** Milliseconds until the answer. */
  readonly latencyMs: number;
  /** How the function's part went: without one the gateway refused by itself. */
  readonly call?: 'answered' | 'failed' | 'throttled';
  /** Milliseconds that the function ran, where it was called. */
  readonly durationMs?: number;
  /** Attempts that the table throttled. */
  readonly throttledWrites?: number;
  /** Attempts that DynamoDB failed. */
  readonly systemErrors?: number;
}

/**
 * The samples that AWS's services write of a request. The sources of names and dimensions stand in the test of the
 * alarms' metrics; 0 or 1 a request of `4xx`, `5xx` and `Errors` is what makes their averages rates.
 */
export function samplesOfRequest(resources: MeasuredResources, request: MeasuredRequest): Sample[] {
  const {
    at,
    status,
    latencyMs,
    call,
    durationMs = latencyMs,
    throttledWrites = 0,
    systemErrors = 0,
  } = request;
  const sample =
    (namespace: string, dimensions: Record<string, unknown>) => (name: string, value: number) => ({
      metric: { namespace, name, dimensions },
      at,
      value,
    });
  const { apiId, apiStage, functionName, alias, tableName } = resources;
  const gateway = sample('AWS/ApiGateway', { ApiId: apiId, Stage: apiStage });
  const ran = call === 'answered' || call === 'failed';
  // Lambda writes each of its metrics for the function and for the alias that was called.
  const lambda = [{ FunctionName: functionName }, { FunctionName: functionName, Resource: alias }].flatMap(
    (dimensions) => {
      const metric = sample('AWS/Lambda', dimensions);
      if (call === 'throttled') return [metric('Throttles', 1)];
      return ran
        ? [
            metric('Invocations', 1),
            metric('Errors', Number(call === 'failed')),
            metric('Duration', durationMs),
          ]
        : [];
    },
  );
  const table = sample('AWS/DynamoDB', { TableName: tableName });
  const update = sample('AWS/DynamoDB', { TableName: tableName, Operation: 'UpdateItem' });
  return [
    gateway('Count', 1),
    gateway('4xx', Number(status >= 400 && status < 500)),
    gateway('5xx', Number(status >= 500)),
    gateway('Latency', latencyMs),
    ...(ran ? [gateway('IntegrationLatency', latencyMs)] : []),
    ...lambda,
    ...(throttledWrites > 0 ? [table('WriteThrottleEvents', throttledWrites)] : []),
    ...(systemErrors > 0 ? [update('SystemErrors', systemErrors)] : []),
  ];
}
