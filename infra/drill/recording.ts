import {
  type MeasuredResources,
  type Sample,
  samplesOfLine,
  samplesOfRequest,
} from '../../test/support/metric-samples.ts';
import type { ACCESS_LOG_FIELDS } from '../access-log.ts';
import type { ServedRequest } from '../local/exchange.ts';
import type { LocalTemplate } from '../local/template.ts';
import type { LogEvent } from './insights/events.ts';

/** A line of the function's log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A request, as gateway and function saw it. */
export interface RecordedRequest {
  /** When it was answered, in milliseconds since 1970. */
  readonly at: number;
  readonly served: ServedRequest;
  /** The function's line; absent if it wrote none. */
  readonly line?: LogLine;
}

/** What was recorded in a span of time, which is given in milliseconds since 1970. */
export interface Recording {
  readonly from: number;
  readonly to: number;
  readonly requests: readonly RecordedRequest[];
  /** When the table throttled a write. */
  readonly throttledAt: readonly number[];
}

/** Where Lambda unpacks the code, and so what the stacks of its log lines name. */
const LAMBDA_FOLDER = '/var/task';

/** Keeps what the local stack tells of requests. */
export class Recorder {
  readonly #requests: RecordedRequest[] = [];
  readonly #lines = new Map<string, LogLine>();
  readonly #throttledAt: number[] = [];
  readonly #folder: string;

  /** @param folder the code's folder on this machine, which is shown as Lambda's. */
  constructor(folder: string) {
    this.#folder = JSON.stringify(folder).slice(1, -1);
  }

  /** Takes a line of the function's standard output. Those that are no report are left out. */
  readonly line = (text: string): void => {
    if (!text.startsWith('{')) return;
    const line: LogLine = JSON.parse(text.replaceAll(this.#folder, LAMBDA_FOLDER));
    if (line.outcome !== undefined) this.#lines.set(String(line.request_id), line);
  };

  /** Takes a request that was answered, after the function's line about it. */
  readonly served = (served: ServedRequest): void => {
    const line = this.#lines.get(served.requestId);
    this.#requests.push({ at: Date.now(), served, ...(line && { line }) });
  };

  /** Takes a write that the table throttled. */
  readonly throttled = (): void => {
    this.#throttledAt.push(Date.now());
  };

  /** What a request came to: the outcome of the log, or what the gateway calls its own answer. */
  codeOf(requestId: string | undefined): string | undefined {
    return this.#requests.find(({ served }) => served.requestId === requestId)?.served.code;
  }

  /** What was recorded from one moment up to another. */
  between(from: number, to: number): Recording {
    const isWithin = (at: number) => at >= from && at <= to;
    return {
      from,
      to,
      requests: this.#requests.filter(({ at }) => isWithin(at)),
      throttledAt: this.#throttledAt.filter(isWithin),
    };
  }
}

/** The samples that a recording makes in CloudWatch, in seconds from its start: AWS's own, and those in the lines. */
export function samplesOf(recording: Recording, measured: MeasuredResources): Sample[] {
  const { from, requests, throttledAt } = recording;
  const seconds = (at: number) => (at - from) / 1_000;
  const throttles = { namespace: 'AWS/DynamoDB', name: 'WriteThrottleEvents' };
  return [
    ...requests.flatMap(({ at, served, line }) => {
      const call = callOf(served, line);
      return [
        ...samplesOfRequest(measured, {
          at: seconds(at),
          status: served.status,
          latencyMs: served.ms,
          ...(call && { call }),
          ...(line && { durationMs: Number(line.latency_ms) }),
        }),
        ...(line ? samplesOfLine(line, from) : []),
      ];
    }),
    ...throttledAt.map((at) => ({
      metric: { ...throttles, dimensions: { TableName: measured.tableName } },
      at: seconds(at),
      value: 1,
    })),
  ];
}

/** How the function's part went; `undefined` where the gateway answered without it. */
function callOf(served: ServedRequest, line: LogLine | undefined): 'answered' | 'failed' | undefined {
  if (line !== undefined) return 'answered';
  return served.code.startsWith('function_') ? 'failed' : undefined;
}

/** The lines of both logs, as queries see them. */
export function eventsOf({ requests }: Recording, route: LocalTemplate['route']) {
  return {
    function: requests.flatMap(({ line }) => (line ? [event('function', String(line.timestamp), line)] : [])),
    access: requests.map((request) =>
      event('access', new Date(request.at).toISOString(), accessLine(request, route)),
    ),
  };
}

function event(log: string, time: string, line: LogLine): LogEvent {
  return { ...line, '@timestamp': Date.parse(time), '@log': log, '@message': JSON.stringify(line) };
}

/** The line that the gateway writes in AWS. What the local gateway does not know is `-`, as a missing value is there. */
function accessLine(
  { at, served, line }: RecordedRequest,
  { method, path }: LocalTemplate['route'],
): Record<keyof typeof ACCESS_LOG_FIELDS, string> {
  const { requestId, status, ms } = served;
  return {
    time: String(at - ms),
    request_id: requestId,
    method,
    path,
    route_key: `${method} ${path}`,
    status: String(status),
    latency_ms: String(ms),
    integration_latency_ms: String(ms),
    integration_status: line === undefined ? '-' : '200',
    integration_error: '-',
    error: '-',
    error_type: '-',
    authorizer_error: '-',
    response_length: '-',
    source_ip: '127.0.0.1',
  };
}
