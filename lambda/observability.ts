/** The namespace of the metrics in CloudWatch. */
export const METRIC_NAMESPACE = 'ConnectionLogout';

/** The dimensions of every metric. Ids are never among them: each value of a dimension is a metric of its own. */
const METRIC_DIMENSIONS = ['stage', 'outcome'] as const;

/** The metrics: how many requests came to an outcome, and how long the store took. */
const METRICS = [
  { Name: 'requests', Unit: 'Count' },
  { Name: 'store_latency_ms', Unit: 'Milliseconds' },
] as const;

/** What one log line tells. Nothing else is ever written: no body, no `message`, no `id_user`, no header. */
export interface LogLine {
  stage: string;
  /** What came of the request: one of the codes of the contract. */
  outcome: string;
  /** The HTTP status of the answer. */
  status: number;
  /** The gateway's id of the request, the same as in the answer. */
  request_id: string;
  connection_id: string;
  terminal_id: string;
  terminal_type: string;
  /** The conditions of the write that were not met, by name, for a 404 or a 409: a 404 does not tell the caller. */
  failed_condition: string;
  /** Whether there is an item with the id: what a 404 does not tell the caller. */
  item_exists: boolean;
  /** The names of the fields that a 400 refused. */
  invalid_fields: string;
  /** From the event's arrival in the handler to the answer. */
  latency_ms: number;
  /** The store's part of it, all attempts and the waits between them included. */
  store_latency_ms: number;
  /** How often the write was sent. */
  store_attempts: number;
  /** Whether this is the first request of its environment. */
  cold_start: boolean;
  /** Why, for a defect or a store fault. */
  cause: Cause;
}

/** An error, without anything that it may quote from a request or an item. */
export interface Cause {
  readonly name: string;
  /** Only of errors that AWS or the operating system worded: others may quote what they could not read. */
  readonly message?: string;
  /** The status of the store's answer. */
  readonly status?: number;
  /** The frames of the stack, a line each. */
  readonly stack: string;
}

const ALLOWED = {
  stage: true,
  outcome: true,
  status: true,
  request_id: true,
  connection_id: true,
  terminal_id: true,
  terminal_type: true,
  failed_condition: true,
  item_exists: true,
  invalid_fields: true,
  latency_ms: true,
  store_latency_ms: true,
  store_attempts: true,
  cold_start: true,
  cause: true,
} satisfies Record<keyof LogLine, true>;

/**
 * The log line of the request in hand, which is its metric too: CloudWatch reads both from one line in the embedded
 * metric format. An environment has one request at a time.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class RequestLog {
  readonly #stage: string;
  #isCold = true;
  #startedAt = 0;
  #line: Partial<LogLine> = {};

  /** @param stage the stage of the stack. */
  constructor(stage: string) {
    this.#stage = stage;
  }

  /** Begins a request: nothing of the one before is kept. */
  start(): void {
    this.#startedAt = performance.now();
    this.#line = { stage: this.#stage, cold_start: this.#isCold };
    this.#isCold = false;
  }

  /** Adds what is known by now. Names that are no field of the line are left out. */
  add(fields: { readonly [F in keyof LogLine]?: LogLine[F] | undefined }): void {
    Object.assign(this.#line, fields);
  }

  /** Writes the line to standard output, past `console`, which Lambda would wrap into a line of its own. */
  write(): void {
    const timestamp = Date.now();
    this.add({ latency_ms: milliseconds(this.#startedAt) });
    const fields = Object.entries(this.#line).filter(([name]) => Object.hasOwn(ALLOWED, name));
    const metrics = METRICS.filter(({ Name }) => Name === 'requests' || Name in this.#line);
    const line = {
      timestamp: new Date(timestamp).toISOString(),
      level: levelOf(this.#line.status),
      ...Object.fromEntries(fields),
      requests: 1,
      _aws: {
        Timestamp: timestamp,
        CloudWatchMetrics: [
          { Namespace: METRIC_NAMESPACE, Dimensions: [METRIC_DIMENSIONS], Metrics: metrics },
        ],
      },
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

/**
 * The time since an earlier moment.
 *
 * @param since a value of `performance.now()`.
 * @returns milliseconds, to a tenth.
 */
export function milliseconds(since: number): number {
  return Math.round((performance.now() - since) * 10) / 10;
}

/** Describes an error for the log. */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof Error)) return { name: typeof error, stack: '' };
  const { name, message, stack = '' } = error;
  const { $fault, $metadata, code } = error as {
    $fault?: string;
    $metadata?: { httpStatusCode?: number };
    code?: string;
  };
  const status = $metadata?.httpStatusCode;
  return {
    name,
    ...(($fault !== undefined || code !== undefined) && { message }),
    ...(status !== undefined && { status }),
    stack: framesOf(stack, message),
  };
}

/** The stack begins with the message, of which a line could pass for a frame. */
function framesOf(stack: string, message: string): string {
  const frames = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : stack;
  const lines = frames.split('\n').filter((line) => line.startsWith('    at '));
  return lines.map((line) => line.trim()).join('\n');
}

function levelOf(status = 500): 'info' | 'warn' | 'error' {
  if (status === 500) return 'error';
  return status === 503 ? 'warn' : 'info';
}
