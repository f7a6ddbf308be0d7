/** The namespace of the metrics in CloudWatch. */
export const METRIC_NAMESPACE = 'ConnectionLogout';

/** The dimensions of every metric. Ids are never among them: each value of a dimension is a metric of its own. */
const METRIC_DIMENSIONS = ['stage', 'outcome'] as const;

/** The metrics: how many requests had an outcome, and how long the store took. */
const METRICS = [
  { Name: 'requests', Unit: 'Count' },
  { Name: 'store_latency_ms', Unit: 'Milliseconds' },
] as const;

/**
 * The fields of a log line and the types of their values, in the order of the line. Nothing else is ever written: no
 * body, no `message`, no `id_user`, no header.
 */
const LOG_FIELDS = {
  stage: 'string',
  /** One of the codes of the contract. */
  outcome: 'string',
  /** The HTTP status of the response. */
  status: 'number',
  /** The gateway's id of the request, the same as in the response. */
  request_id: 'string',
  /** Lambda's id of the request, the same as in Lambda's own lines. */
  function_request_id: 'string',
  /** The version of the function: distinguishes a canary from its predecessor. */
  function_version: 'string',
  /** The commit that the function was built from. */
  commit: 'string',
  connection_id: 'string',
  /** From the item where the outcome is about one, else from the request. */
  terminal_id: 'string',
  terminal_type: 'string',
  /** For a 404, the item's own `terminal_type`, beside the one that the request claims. */
  stored_terminal_type: 'string',
  /** The conditions of the write that were not met, by name, for a 404 or a 409. The caller of a 404 does not learn it. */
  failed_condition: 'string',
  /** Whether there is an item with the id. The caller of a 404 does not learn it. */
  item_exists: 'boolean',
  /** The names of the fields that a 400 refused. */
  invalid_fields: 'string',
  /** Each of them with why, such as `date_logout:future`. */
  invalid_reasons: 'string',
  /** Of a 4xx: who is counted by CloudWatch Contributor Insights, the terminal or, where it is not known, the connection. */
  contributor: 'string',
  /** How far the given `date_logout` is ahead of the server's clock, in seconds. Negative for the past. */
  date_skew_s: 'number',
  /** Whether the given `date_logout` came with an offset. */
  date_has_offset: 'boolean',
  /** The media type of the request, if it is one of the three. */
  body_format: 'string',
  body_bytes: 'number',
  /** From the event's arrival in the handler to the response. */
  latency_ms: 'number',
  /** The store's part of it, all attempts and the delays between them included. */
  store_latency_ms: 'number',
  /** How often the write was sent. */
  store_attempts: 'number',
  /** Whether this is the first request of its environment. */
  cold_start: 'boolean',
  /** In that one, the version of the time zone rules of Node.js, such as `2026a`. */
  tz_version: 'string',
  /** The error behind a defect or a store fault. */
  cause: 'object',
} as const satisfies Record<string, 'string' | 'number' | 'boolean' | 'object'>;

interface Types {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly object: Cause;
}

/** What a log line may hold. */
export type LogFields = {
  readonly [F in keyof typeof LOG_FIELDS]?: Types[(typeof LOG_FIELDS)[F]] | undefined;
};

/** An error, without anything that it may quote from a request or an item. */
export interface Cause {
  readonly name: string;
  /** The code of an error of Node.js, such as `ECONNREFUSED`. */
  readonly code?: string | undefined;
  /** Only of errors whose wording is known: others may quote what they could not read. */
  readonly message?: string | undefined;
  /** The HTTP status of the store's response. */
  readonly status?: number | undefined;
  /** The frames of the stack, a line each. */
  readonly stack: string;
}

/** Longer texts are cut: CloudWatch refuses an event above 1 MB, and the metric would be lost with it. */
const MAX_TEXT_LENGTH = 256;

const MAX_STACK_LENGTH = 4_096;

/** Readers that split lines at these would see several. `JSON.stringify` leaves them as they are. */
const LINE_SEPARATORS = /[\u0085\u2028\u2029]/g;

/**
 * The log line of one request, which is its metric too: CloudWatch reads both from one line in the embedded metric
 * format.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class RequestLog {
  readonly #startedAt = monotonicMs();
  #fields: LogFields;

  /** @param fields what is known when the request arrives. */
  constructor(fields: LogFields) {
    this.#fields = fields;
  }

  /** Adds what is known by now. */
  add(fields: LogFields): void {
    this.#fields = { ...this.#fields, ...fields };
  }

  /** Returns the line of a request whose response is sent now. */
  line(): string {
    const timestamp = Date.now();
    const { status = 500, terminal_id, connection_id } = this.#fields;
    const isRefused = status >= 400 && status < 500;
    this.add({
      latency_ms: elapsedMs(this.#startedAt),
      contributor: isRefused ? (terminal_id ?? connection_id) : undefined,
    });
    const fields: Readonly<Record<string, unknown>> = this.#fields;
    const line: Record<string, unknown> = {
      timestamp: new Date(timestamp).toISOString(),
      level: chooseLevel(this.#fields.status),
    };
    for (const name of Object.keys(LOG_FIELDS)) {
      const value = fields[name];
      if (value !== undefined) line[name] = typeof value === 'string' ? cut(value) : value;
    }
    const metrics = METRICS.filter(({ Name }) => Name === 'requests' || line[Name] !== undefined);
    line.requests = 1;
    line._aws = {
      Timestamp: timestamp,
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [METRIC_DIMENSIONS], Metrics: metrics }],
    };
    return `${JSON.stringify(line).replace(LINE_SEPARATORS, escapeCharacter)}\n`;
  }
}

/**
 * The time since an earlier moment.
 *
 * @param since a value of {@link monotonicMs}.
 * @returns milliseconds, to a tenth.
 */
export function elapsedMs(since: number): number {
  return Math.round((monotonicMs() - since) * 10) / 10;
}

/** A clock that no one sets. The first `performance.now()` of a process would load a module: 1 ms of CPU. */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}

/** The errors of the language itself. Their messages may quote what could not be read. */
const BUILT_IN = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'URIError'];

/** What the SDK and Node.js add to an error. */
interface ErrorDetails extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * Describes an error for the log.
 *
 * @param isLoggable whether the error's name is known, and its message quotes nothing.
 */
export function serializeError(error: unknown, isLoggable: (error: Error) => boolean): Cause {
  if (!(error instanceof Error)) return { name: typeof error, stack: '' };
  const { name, message, stack = '' } = error;
  const { code, $metadata }: ErrorDetails = error;
  const status = $metadata?.httpStatusCode;
  const frames = extractFrames(stack, message).slice(0, MAX_STACK_LENGTH);
  if (!isLoggable(error)) {
    return { name: BUILT_IN.includes(name) ? name : 'UnknownError', status, stack: frames };
  }
  return {
    name,
    code: typeof code === 'string' ? cut(code) : undefined,
    message: cut(message),
    status,
    stack: frames,
  };
}

/**
 * A stack begins with the message, and a line of it could look like a frame: so the message is taken out, and of what is
 * left only the last lines are frames.
 */
function extractFrames(stack: string, message: string): string {
  const lines = (
    stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : stack
  ).split('\n');
  const frames = lines.slice(lines.findLastIndex((line) => !line.startsWith('    at ')) + 1);
  return frames.map((line) => line.trim()).join('\n');
}

/** Cuts a text to 256 code points, the longest that a request may give. */
function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  return [...text.slice(0, 2 * MAX_TEXT_LENGTH)].slice(0, MAX_TEXT_LENGTH).join('');
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function chooseLevel(status = 500): 'info' | 'warn' | 'error' {
  if (status === 500) return 'error';
  return status === 503 ? 'warn' : 'info';
}
