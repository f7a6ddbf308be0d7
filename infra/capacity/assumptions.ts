import { METRICS } from '../../lambda/observability.ts';
import type { ACCESS_LOG_FIELDS } from '../access-log.ts';
import { ROUTE_PATH } from '../route.ts';

/** How many logouts a day each column of the tables is for. */
export const LOGOUTS_A_DAY = [1_000, 1_000_000, 100_000_000] as const;

/** What nobody can know before there is traffic. Whoever knows better puts it here. */
export const ASSUMED = {
  /** Repeats of terminals that lost an answer, and requests that are refused, are requests too. */
  requestsPerLogout: 1.1,
  /** Logouts come in waves, at closing time: this part of a day's come in its busiest quarter of an hour. */
  shareOfPeak: 0.2,
  /** What Lambda bills for a request: mostly the wait for DynamoDB. */
  billedMs: 20,
  /** Of each hundred requests, those that find no environment that is free. AWS says "typically under 1%". */
  coldStartsPercent: 1,
  /** What Lambda bills for a start besides. */
  startMs: 250,
  /** How long an item stays in the table. This service deletes none: it is the login service's to say. */
  itemDays: 365,
  /** Answer and headers, on the wire. The function's part of it is measured below. */
  answerBytes: 1_000,
  /** Metrics that alarms watch, at most. */
  alarmMetrics: 20,
} as const;

/** Bytes of what a logout leaves behind. Tests hold each against what the built function and the table really write. */
export const MEASURED = {
  /** The function's line, its metric included, with its line break. */
  functionLine: 560,
  /** The item of a connection that is logged out, by DynamoDB's rule: names and values, as UTF-8. */
  item: 271,
} as const;

/** What DynamoDB adds to an item for its own use, in storage only. */
export const ITEM_OVERHEAD = 100;

/**
 * What Lambda itself writes of each request, at the level that the stack leaves it at. Examples in the form that AWS
 * documents, with an ARN and figures of this function's length: none could be recorded here.
 */
const LAMBDA_LINES = [
  '{"time":"2026-11-24T11:35:07.079Z","type":"platform.start","record":{"requestId":"79b5e81f-9cdd-4145-b1f6-7c50ef8a2a36","functionArn":"arn:aws:lambda:eu-south-2:123456789012:function:connection-logout-prod-LogoutFunction1A2B3C4D-AbCdEfGhIjKl:live","version":"12"}}\n',
  '{"time":"2026-11-24T11:35:07.099Z","type":"platform.report","record":{"requestId":"79b5e81f-9cdd-4145-b1f6-7c50ef8a2a36","metrics":{"durationMs":18.231,"billedDurationMs":19,"memorySizeMB":512,"maxMemoryUsedMB":84},"status":"success"}}\n',
];

/** What the gateway writes of a logout: a value of the usual length for each field of the access log. */
const ACCESS_LINE: Record<keyof typeof ACCESS_LOG_FIELDS, string> = {
  time: '1795521303079',
  request_id: 'EwpZAN3SqZhVE30=',
  method: 'PUT',
  path: ROUTE_PATH,
  route_key: `PUT ${ROUTE_PATH}`,
  status: '200',
  latency_ms: '24',
  integration_latency_ms: '22',
  integration_status: '200',
  integration_error: '-',
  error: '-',
  error_type: '-',
  authorizer_error: '-',
  response_length: '342',
  source_ip: '203.0.113.200',
};

/** Bytes of log for each request, by who writes them. */
export const LOG_BYTES = {
  function: MEASURED.functionLine,
  lambda: Buffer.byteLength(LAMBDA_LINES.join('')),
  gateway: Buffer.byteLength(JSON.stringify(ACCESS_LINE)),
} as const;

/**
 * Custom metrics at most: each of {@link METRICS} for each outcome. The store's latency is there for the six outcomes
 * that come after a write only.
 */
export const CUSTOM_METRICS = 10 + (METRICS.length - 1) * 6;
