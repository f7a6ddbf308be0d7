import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MARKER, markedConnection } from '../support/connections.ts';
import type { PutRequest } from '../support/events.ts';
import { type FaultyFunction, type LogoutRun, startFaultyFunction } from '../support/function.ts';
import { markedRequest } from '../support/marked-request.ts';
import type { LocalTable } from '../support/table.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let service: FaultyFunction;
let item: ReturnType<typeof markedConnection>;

beforeAll(async () => {
  table = await createTable();
  service = await startFaultyFunction(table, { AWS_LAMBDA_FUNCTION_VERSION: '7', COMMIT: '0123abc' });
});

afterAll(async () => {
  await service.close();
  table.close();
});

beforeEach(async () => {
  item = markedConnection({ [MARKER]: MARKER });
  await table.put(item);
});

const NOW = Date.UTC(2026, 4, 9, 15);

function logOut(fields: object, request: PutRequest = {}): Promise<LogoutRun> {
  return service.logOut(
    markedRequest({ id: item.id, ...fields }, { requestId: 'R-1', timeEpoch: NOW, ...request }),
  );
}

/** The line of one request, without what every line has. */
async function lineOf(fields: object, request?: PutRequest): Promise<Record<string, unknown>> {
  const { line, status: sent } = await logOut(fields, request);
  const { _aws, timestamp, stage, request_id, function_request_id, function_version, commit, ...more } = line;
  expect({ stage, request_id, function_version, commit }).toEqual({
    stage: 'local',
    request_id: 'R-1',
    function_version: '7',
    commit: '0123abc',
  });
  expect(function_request_id).toMatch(/^[\da-f-]{36}$/);
  expect(_aws).toMatchObject({ Timestamp: Date.parse(String(timestamp)) });
  const { latency_ms, cold_start, tz_version, requests, status, body_bytes, ...rest } = more;
  expect(tz_version).toBe(cold_start ? process.versions.tz : undefined);
  expect({ latency_ms, cold_start, requests, body_bytes, status }).toEqual({
    latency_ms: expect.any(Number),
    cold_start: expect.any(Boolean),
    requests: 1,
    body_bytes: expect.any(Number),
    status: sent,
  });
  return rest;
}

const JSON_BODY = { body_format: 'application/json' };
const ASKED = { store_attempts: 1, store_latency_ms: expect.any(Number) };

test('a logout has one line: who logged out, and how long the table took', async () => {
  expect(await lineOf({})).toEqual({
    level: 'info',
    outcome: 'logged_out',
    connection_id: item.id,
    terminal_id: 'T-1',
    terminal_type: 'handheld',
    ...JSON_BODY,
    ...ASKED,
  });
});

test.each([true, false])(
  'body_bytes are the bytes that the terminal sent, not characters (base64: %s)',
  async (base64) => {
    const body = `{"id":"${item.id}","message":"ñ€😀"}`;
    expect(body).toHaveLength(62);
    const { line } = await service.logOut({ body, base64 });
    expect(line).toMatchObject({ body_bytes: 67 });
  },
);

test('a logout with a date has its distance from the server in the line, and whether it has an offset', async () => {
  expect(await lineOf({ date_logout: '2026-05-09T14:58:30.5' })).toMatchObject({
    date_skew_s: -89.5,
    date_has_offset: false,
  });
  expect(await lineOf({ date_logout: '2026-05-09T17:00:02+02:00' })).toMatchObject({
    outcome: 'already_logged_out',
    date_skew_s: 2,
    date_has_offset: true,
  });
});

test('a repeat has the terminal of the stored connection in its line', async () => {
  await logOut({});
  expect(await lineOf({})).toMatchObject({
    outcome: 'repeated',
    terminal_id: 'T-1',
    terminal_type: 'handheld',
  });
});

test('a conflict has the terminal of the stored connection and the failed condition in its line', async () => {
  await logOut({});
  expect(await lineOf({ date_logout: '2026-05-09' })).toMatchObject({
    outcome: 'already_logged_out',
    terminal_id: 'T-1',
    terminal_type: 'handheld',
    failed_condition: 'logged_in',
    item_exists: true,
    ...ASKED,
  });
});

describe('a 404 has what the caller does not learn in its line', () => {
  test('no item', async () => {
    const id = '11111111-2222-3333-4444-555555555555';
    expect(await lineOf({ id })).toEqual({
      level: 'info',
      outcome: 'connection_not_found',
      connection_id: id,
      failed_condition: 'exists',
      item_exists: false,
      ...JSON_BODY,
      ...ASKED,
    });
  });

  test('another identity, with the stored terminal_type beside the claimed one', async () => {
    expect(await lineOf({ locator: MARKER, terminal_type: 'till', terminal_id: 'T-2' })).toEqual({
      level: 'info',
      outcome: 'connection_not_found',
      connection_id: item.id,
      terminal_id: 'T-2',
      terminal_type: 'till',
      stored_terminal_type: 'handheld',
      failed_condition: 'locator, terminal_id, terminal_type',
      item_exists: true,
      ...JSON_BODY,
      ...ASKED,
    });
  });

  test('another caller', async () => {
    const line = await lineOf({}, { jwt: { sub: MARKER, name: MARKER } });
    expect(line).toMatchObject({ failed_condition: 'caller', item_exists: true });
  });
});

describe('a request that never reaches the table has a line', () => {
  test('with the wrong fields and the reasons', async () => {
    const wrong = { terminal_id: 'T-2', terminal_type: [MARKER], success: MARKER, date_logout: '2026-05-10' };
    expect(await lineOf(wrong)).toEqual({
      level: 'info',
      outcome: 'invalid_connection',
      connection_id: item.id,
      terminal_id: 'T-2',
      invalid_fields: 'success, date_logout, terminal_type',
      invalid_reasons: 'success:format, date_logout:future, terminal_type:type',
      date_skew_s: 32_400,
      date_has_offset: false,
      ...JSON_BODY,
    });
  });

  test.each<[string, PutRequest, object]>([
    ['malformed_body', { body: `{"message":"${MARKER}",` }, JSON_BODY],
    ['body_too_large', { body: MARKER.repeat(10_000) }, JSON_BODY],
    ['unsupported_media_type', { body: MARKER, contentType: MARKER }, {}],
  ])('of %s', async (outcome, request, more) => {
    expect(await lineOf({}, request)).toEqual({ level: 'info', outcome, ...more });
  });
});

test('nothing of a request is in the line of the next one', async () => {
  await logOut({ terminal_id: 'T-1', date_logout: '2026-05-09' });
  expect(await lineOf({}, { body: '' })).toEqual({
    level: 'info',
    outcome: 'invalid_connection',
    invalid_fields: 'id',
    invalid_reasons: 'id:required',
  });
});
