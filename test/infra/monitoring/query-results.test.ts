import { beforeAll, expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/access-log.ts';
import type { LogEvent } from '../../../infra/drill/insights/events.ts';
import { runQuery } from '../../../infra/drill/insights/query.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { recordOutcomes } from '../../support/recorded-outcomes.ts';

/** Lines that Lambda writes of itself, as its telemetry schema has them. */
const PLATFORM_LINES = [
  {
    type: 'platform.report',
    record: {
      requestId: 'started',
      status: 'success',
      metrics: { durationMs: 30, initDurationMs: 180, maxMemoryUsedMB: 90 },
    },
  },
  { type: 'platform.report', record: { requestId: 'warm', status: 'success', metrics: { durationMs: 12 } } },
  {
    type: 'platform.report',
    record: { requestId: 'cut-off', status: 'timeout', metrics: { durationMs: 10_000, maxMemoryUsedMB: 95 } },
  },
  { type: 'platform.initReport', record: { status: 'error', errorType: 'Runtime.ExitError' } },
  { level: 'ERROR', errorType: 'TypeError', errorMessage: 'x is not a function' },
  { type: 'platform.start', record: { requestId: 'warm' } },
];

let functionLog: LogEvent[];
let accessLog: LogEvent[];

beforeAll(async () => {
  const lines = Object.values(await recordOutcomes('prod'));
  const written = [...lines, ...PLATFORM_LINES];
  // In the order of the lines, a second apart.
  const start = Date.UTC(2026, 4, 9, 15);
  functionLog = written.map((line, at) => ({
    ...line,
    '@timestamp': start + at * 1_000,
    '@log': 'function',
  }));
  const served = lines.map(({ request_id, status }) => accessLine({ request_id, status: String(status) }));
  const alone = [
    accessLine({
      request_id: 'no-token',
      status: '401',
      authorizer_error: 'Unauthorized',
      source_ip: '203.0.113.9',
    }),
    accessLine({ request_id: 'scan', status: '404', route_key: '-', path: '/wp-admin' }),
    accessLine({ request_id: 'uncallable', status: '500', integration_error: 'no permission' }),
  ];
  accessLog = [...served, ...alone].map((line, at) => ({
    ...line,
    '@timestamp': start + at * 1_000 + 1,
    '@log': 'access',
  }));
});

function accessLine(values: Record<string, unknown>) {
  const empty = Object.fromEntries(Object.keys(ACCESS_LOG_FIELDS).map((name) => [name, '-']));
  const usual = { route_key: 'PUT /api/tt_cmd_connection/logout', source_ip: '203.0.113.7' };
  return { ...empty, ...usual, path: '/api/tt_cmd_connection/logout', ...values };
}

/** The rows of a saved query, each by the names of its columns, but for those that are empty. */
function found(id: string, pasted = ''): Record<string, string>[] {
  const query = SAVED_QUERIES.find((one) => one.id === id);
  if (query === undefined) throw new Error(id);
  const events = query.logs.flatMap((log) => (log === 'function' ? functionLog : accessLog));
  const { columns, rows } = runQuery(query.text.replace(/PASTE-[A-Z-]+/, pasted), events);
  return rows.map((row) =>
    Object.fromEntries(columns.flatMap((name, at) => (row[at] === '' ? [] : [[name, row[at] ?? '']]))),
  );
}

const CONNECTION = '11111111-2222-3333-4444-555555555555';
const ASKED = ['logged_out', 'repeated', 'connection_not_found', 'already_logged_out'];
const FAULTS = ['internal_error', 'store_unavailable'];

test('one-request finds the lines of both logs, the site too', () => {
  expect(found('one-request', 'store_unavailable')).toMatchObject([
    {
      '@log': 'function',
      outcome: 'store_unavailable',
      status: '503',
      store_attempts: '3',
      'cause.name': 'ProvisionedThroughputExceededException',
    },
    { '@log': 'access', status: '503', source_ip: '203.0.113.7' },
  ]);
  expect(found('one-request', 'no-token')).toMatchObject([
    { status: '401', authorizer_error: 'Unauthorized' },
  ]);
});

test('one-connection finds all that happened to it, in order', () => {
  expect(found('one-connection', CONNECTION).map(({ outcome }) => outcome)).toEqual([...ASKED, ...FAULTS]);
});

test('one-terminal finds what it sent, the latest first', () => {
  expect(found('one-terminal', 'T-1').map(({ outcome }) => outcome)).toEqual([...ASKED, ...FAULTS].reverse());
});

test('outcomes counts every outcome, and no line of Lambda', () => {
  const rows = found('outcomes');
  expect(rows.map(({ outcome, requests }) => [outcome, requests]).toSorted()).toEqual(
    [...functionLog.flatMap(({ outcome }) => (outcome ? [[outcome, '1']] : []))].toSorted(),
  );
  expect(rows).toContainEqual(expect.objectContaining({ outcome: 'logged_out', terminals: '1' }));
  for (const row of rows) expect(Object.keys(row)).toEqual(expect.arrayContaining(['p95_ms', 'slowest_ms']));
});

test('causes finds why 500 and 503, with a stack and an id to go on with', () => {
  const stack = expect.stringMatching(/^at /);
  expect(found('causes')).toEqual([
    expect.objectContaining({
      outcome: 'store_unavailable',
      'cause.name': 'ProvisionedThroughputExceededException',
      last_request: 'store_unavailable',
      last_stack: stack,
    }),
    expect.objectContaining({
      outcome: 'internal_error',
      'cause.name': 'ResourceNotFoundException',
      last_request: 'internal_error',
      last_stack: stack,
    }),
  ]);
});

test('refusals finds who was refused, by gateway or function', () => {
  const rows = found('refusals');
  expect(rows).toContainEqual(
    expect.objectContaining({ status: '401', authorizer_error: 'Unauthorized', last_request: 'no-token' }),
  );
  expect(rows).toContainEqual(expect.objectContaining({ status: '404', path: '/wp-admin', route_key: '-' }));
  expect(rows.map(({ status }) => status).toSorted()).toEqual([
    '400',
    '401',
    '404',
    '404',
    '409',
    '413',
    '415',
  ]);
});

test('refused-by-function finds what was wrong', () => {
  const rows = found('refused-by-function');
  expect(rows.map(({ outcome }) => outcome).toSorted()).toEqual([
    'already_logged_out',
    'body_too_large',
    'connection_not_found',
    'invalid_connection',
    'malformed_body',
    'unsupported_media_type',
  ]);
  expect(rows).toContainEqual(
    expect.objectContaining({ outcome: 'invalid_connection', invalid_fields: 'id', requests: '1' }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ failed_condition: 'exists', item_exists: 'false', terminal_type: 'handheld' }),
  );
});

test("gateway-faults finds why 5xx, in the gateway's words", () => {
  expect(
    found('gateway-faults')
      .map((row) => [row.last_request, row.integration_error])
      .toSorted(),
  ).toEqual([
    ['internal_error', '-'],
    ['store_unavailable', '-'],
    ['uncallable', 'no permission'],
  ]);
});

test('busiest-callers finds who sends most', () => {
  const rows = found('busiest-callers');
  expect(rows[0]).toMatchObject({ source_ip: '203.0.113.7', requests: '2' });
  expect(rows).toContainEqual({ source_ip: '203.0.113.9', status: '401', requests: '1' });
});

test('slowest finds the requests that took longest, and no line of Lambda', () => {
  const rows = found('slowest');
  expect(rows).toHaveLength(10);
  expect(rows[0]).toMatchObject({ outcome: 'store_unavailable', store_attempts: '3' });
});

test('cold-starts finds starts, and how long they took', () => {
  expect(found('cold-starts')).toEqual([
    {
      'bin(1h)': '2026-05-09 15:00:00.000',
      starts: '1',
      usual_ms: '180',
      slowest_ms: '180',
      memory_mb: '90',
    },
  ]);
});

test('platform-faults finds crashes, time-outs and failed starts, and no line of the service', () => {
  expect(found('platform-faults')).toEqual([
    { '@timestamp': expect.any(String), errorType: 'TypeError', errorMessage: 'x is not a function' },
    expect.objectContaining({ type: 'platform.initReport', 'record.errorType': 'Runtime.ExitError' }),
    expect.objectContaining({ 'record.requestId': 'cut-off', 'record.status': 'timeout' }),
  ]);
});
