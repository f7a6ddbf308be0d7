import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { METRIC_NAMESPACE } from '../../lambda/observability.ts';
import {
  emptyAnswer,
  type Fault,
  type FaultyDynamoDb,
  fail,
  faultyDynamoDb,
  notJson,
} from '../../tools/local/faulty-dynamodb.ts';
import type { LocalTable } from '../../tools/local/table.ts';
import { openConnection } from '../../tools/soak/connections.ts';
import { type PutRequest, putEvent } from '../support/events.ts';
import { startFunction, type TestFunction } from '../support/function.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let dynamodb: FaultyDynamoDb;
let lambda: TestFunction;
let item: ReturnType<typeof openConnection>;

beforeAll(async () => {
  table = await createTable();
  dynamodb = await faultyDynamoDb(inject('dynamodbEndpoint'));
});

afterAll(async () => {
  await dynamodb.close();
  await table.delete();
});

beforeEach(async () => {
  item = openConnection({ message: MARKER, id_user: MARKED_USER });
  await table.put(item);
  lambda = await startFunction(dynamodb.endpoint, { TABLE_NAME: table.tableName });
  return () => lambda.close();
});

/** A text, and a GUID, that must never be written anywhere. */
const MARKER = 'marker-7f3a';
const MARKED_USER = '7f3a7f3a-7f3a-4f3a-8f3a-7f3a7f3a7f3a';

/** A request whose every value that is no business of the log is marked. */
const marked = (request: PutRequest): PutRequest => ({
  requestId: 'request-1',
  accept: `application/json, ${MARKER}/x`,
  headers: { authorization: `Bearer ${MARKER}`, 'user-agent': MARKER, [MARKER]: MARKER, cookie: MARKER },
  ...request,
});

const fields = (changes: object) => ({
  id: item.id,
  message: MARKER,
  id_user: MARKED_USER,
  [MARKER]: MARKER,
  ...changes,
});

/** A logout, then the same again with other values, or through a fault: what the request is, and what is logged of it. */
const outcomes: [string, () => PutRequest, object, Fault?][] = [
  [
    'logged_out',
    () => ({ body: fields({}) }),
    {
      level: 'info',
      status: 200,
      connection_id: expect.any(String),
      terminal_id: 'T-1',
      terminal_type: 'handheld',
      store_attempts: 1,
      store_latency_ms: expect.any(Number),
    },
  ],
  [
    'connection_not_found',
    () => ({ body: fields({ locator: MARKER, terminal_type: 'till', terminal_id: 'T-2' }) }),
    {
      level: 'info',
      status: 404,
      connection_id: expect.any(String),
      terminal_id: 'T-2',
      terminal_type: 'till',
      failed_condition: 'locator, terminal_id, terminal_type',
      item_exists: true,
      store_attempts: 1,
      store_latency_ms: expect.any(Number),
    },
  ],
  [
    'connection_not_found',
    () => ({ body: fields({ id: '11111111-2222-3333-4444-555555555555' }) }),
    {
      level: 'info',
      status: 404,
      connection_id: '11111111-2222-3333-4444-555555555555',
      failed_condition: 'exists',
      item_exists: false,
      store_attempts: 1,
      store_latency_ms: expect.any(Number),
    },
  ],
  [
    'connection_not_found',
    () => ({ body: fields({}), jwt: { sub: MARKER, name: MARKER } }),
    {
      level: 'info',
      status: 404,
      connection_id: expect.any(String),
      failed_condition: 'caller',
      item_exists: true,
      store_attempts: 1,
      store_latency_ms: expect.any(Number),
    },
  ],
  [
    'invalid_connection',
    () => ({ body: fields({ id: MARKER, success: MARKER, date_logout: MARKER }) }),
    { level: 'info', status: 400, invalid_fields: 'id, success, date_logout' },
  ],
  [
    'invalid_connection',
    () => ({ body: fields({ terminal_id: 'T-2', terminal_type: [MARKER], date_logout: MARKER }) }),
    {
      level: 'info',
      status: 400,
      connection_id: expect.any(String),
      terminal_id: 'T-2',
      invalid_fields: 'date_logout, terminal_type',
    },
  ],
  ['malformed_body', () => ({ body: `{"message":"${MARKER}",` }), { level: 'info', status: 400 }],
  ['body_too_large', () => ({ body: MARKER.repeat(10_000) }), { level: 'info', status: 413 }],
  ['unsupported_media_type', () => ({ body: MARKER, contentType: MARKER }), { level: 'info', status: 415 }],
  [
    'store_unavailable',
    () => ({ body: fields({}) }),
    {
      level: 'warn',
      status: 503,
      connection_id: expect.any(String),
      store_attempts: 1,
      store_latency_ms: expect.any(Number),
      cause: { name: 'SyntaxError', status: 200, stack: expect.stringMatching(/^at /) },
    },
    notJson,
  ],
  [
    'store_unavailable',
    () => ({ body: fields({}) }),
    {
      level: 'warn',
      status: 503,
      connection_id: expect.any(String),
      store_latency_ms: expect.any(Number),
      cause: { name: 'Error', stack: expect.stringMatching(/^at /) },
    },
    emptyAnswer,
  ],
  [
    'internal_error',
    () => ({ body: fields({}) }),
    {
      level: 'error',
      status: 500,
      connection_id: expect.any(String),
      store_latency_ms: expect.any(Number),
      cause: {
        name: 'AccessDeniedException',
        message: 'scripted',
        status: 400,
        stack: expect.stringMatching(/^at /),
      },
    },
    fail(400, 'AccessDeniedException'),
  ],
];

describe('one line a request, of fields, with nothing else of the request in it', () => {
  test.each(outcomes)('%s', async (outcome, request, expected, fault) => {
    if (fault !== undefined) dynamodb.script(fault);
    const answer = await lambda.invoke(putEvent(marked(request())));

    expect(lambda.output).toHaveLength(1);
    const { _aws, timestamp, latency_ms, ...line } = JSON.parse(lambda.output[0] ?? '');
    expect(line).toEqual({
      stage: 'local',
      outcome,
      status: answer.statusCode,
      request_id: 'request-1',
      cold_start: true,
      requests: 1,
      ...expected,
    });
    expect(new Date(timestamp).getTime()).toBe(_aws.Timestamp);
    expect(latency_ms).toBeGreaterThanOrEqual(line.store_latency_ms ?? 0);
    expect(lambda.output[0]).not.toContain('7f3a');
    if (answer.statusCode !== 200) expect(answer.body).not.toContain('7f3a');
  });

  test('repeated and already_logged_out tell the terminal of the stored connection', async () => {
    await lambda.invoke(putEvent(marked({ body: fields({}) })));
    await lambda.invoke(putEvent(marked({ body: fields({}) })));
    await lambda.invoke(putEvent(marked({ body: fields({ date_logout: '2026-05-09' }) })));
    const [, repeated, conflict] = lambda.output.map((line) => JSON.parse(line));
    expect(repeated).toMatchObject({
      outcome: 'repeated',
      status: 200,
      terminal_id: 'T-1',
      cold_start: false,
    });
    expect(conflict).toMatchObject({
      outcome: 'already_logged_out',
      status: 409,
      terminal_id: 'T-1',
      terminal_type: 'handheld',
      failed_condition: 'logged_in',
      item_exists: true,
    });
    expect(lambda.output.join()).not.toContain('7f3a');
  });

  test('nothing of a request stays for the next one', async () => {
    await lambda.invoke(putEvent({ body: { id: item.id, terminal_id: 'T-1' } }));
    await lambda.invoke(putEvent({ body: '' }));
    const line = JSON.parse(lambda.output[1] ?? '');
    expect(line).toMatchObject({ outcome: 'invalid_connection', cold_start: false });
    expect(line).not.toHaveProperty('connection_id');
    expect(line).not.toHaveProperty('store_attempts');
  });
});

describe('one metric a request, in the embedded metric format', () => {
  const metric = (line: string) => JSON.parse(line)._aws.CloudWatchMetrics;
  const requests = { Name: 'requests', Unit: 'Count' };
  const latency = { Name: 'store_latency_ms', Unit: 'Milliseconds' };

  test('a count by stage and outcome, and how long the store took, where it was asked', async () => {
    await lambda.invoke(putEvent({ body: { id: item.id } }));
    await lambda.invoke(putEvent({ body: {} }));
    const of = (Metrics: object[]) => [
      { Namespace: METRIC_NAMESPACE, Dimensions: [['stage', 'outcome']], Metrics },
    ];
    expect(lambda.output.map(metric)).toEqual([of([requests, latency]), of([requests])]);
  });
});
