import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Connection, FIELDS } from '../../../lambda/domain/connection.ts';
import { dateTimeAt } from '../../../lambda/domain/date-time.ts';
import {
  AlreadyLoggedOutError,
  ConnectionNotFoundError,
  StoreUnavailableError,
} from '../../../lambda/domain/errors.ts';
import { UTC } from '../../../lambda/domain/time-zone.ts';
import { answer } from '../../../lambda/http/answer.ts';
import {
  BodyTooLargeError,
  InvalidConnectionError,
  MalformedBodyError,
  UnsupportedMediaTypeError,
} from '../../../lambda/http/errors.ts';
import { type GatewayEvent, toEvent } from '../../../lambda/http/event.ts';
import { readLogout } from '../../../lambda/http/read-logout.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';

const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';
const NIL = '00000000-0000-0000-0000-000000000000';

const STORED: Connection = {
  id: ID,
  locator: 'L-1',
  id_pos_sesion: 'f09b702c-2832-4563-9735-30ccd0140ad8',
  terminal_id: 'T-1',
  success: true,
  message: 'bye "ñ😀"',
  date_login: '2026-05-09T09:33:58.4752389+02:00',
  date_logout: '2026-05-09T17:00:00+02:00',
  terminal_type: 'handheld',
  id_user: 'e5e3985e-6b24-44eb-b604-a80fb32d4010',
};

type Answer = APIGatewayProxyStructuredResultV2;

const context = { getRemainingTimeInMillis: () => 6_000, awsRequestId: 'the-functions-own' } as never;

/** The answer to a request for which the rest of the chain does this. */
function answerTo(event: unknown, rest: () => unknown): Promise<Answer> {
  const handler = middy<GatewayEvent>({ timeoutEarlyInMillis: 0 })
    .use(answer())
    .handler(async () => rest());
  return handler(toEvent(event) as GatewayEvent, context) as Promise<Answer>;
}

const success = (connection: Connection, request: PutRequest = {}) =>
  answerTo(putEvent(request), () => ({ outcome: 'logged_out', connection }));

const refusal = (error: unknown, request: PutRequest = {}) =>
  answerTo(putEvent({ requestId: 'R-1', ...request }), () => {
    throw error;
  });

const REFUSALS: readonly [string, number, unknown][] = [
  ['malformed_body', 400, new MalformedBodyError('The body is not a JSON object.')],
  [
    'invalid_connection',
    400,
    new InvalidConnectionError([{ field: 'id', message: 'id is required.', reason: 'required' }]),
  ],
  ['connection_not_found', 404, new ConnectionNotFoundError(['exists'])],
  ['already_logged_out', 409, new AlreadyLoggedOutError(STORED)],
  ['body_too_large', 413, new BodyTooLargeError()],
  ['unsupported_media_type', 415, new UnsupportedMediaTypeError('The Content-Type must be another.')],
  ['internal_error', 500, new TypeError('a defect')],
  ['store_unavailable', 503, new StoreUnavailableError(new Error('why'), 3)],
];

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

describe('an answer of 200', () => {
  test('is the ten fields in their order and nothing else, compact JSON', async () => {
    const reversed = Object.fromEntries(Object.entries(STORED).toReversed());
    const { body } = await success({ ...reversed, session: 'x' } as Connection);
    expect(body).toBe(JSON.stringify(STORED));
    expect(body).toBe(
      `{"id":"${ID}","locator":"L-1","id_pos_sesion":"f09b702c-2832-4563-9735-30ccd0140ad8","terminal_id":"T-1",` +
        '"success":true,"message":"bye \\"ñ😀\\"","date_login":"2026-05-09T09:33:58.4752389+02:00",' +
        '"date_logout":"2026-05-09T17:00:00+02:00","terminal_type":"handheld",' +
        '"id_user":"e5e3985e-6b24-44eb-b604-a80fb32d4010"}',
    );
  });

  test('has its headers and no other', async () => {
    expect(await success(STORED)).toEqual({
      statusCode: 200,
      headers: HEADERS,
      body: JSON.stringify(STORED),
    });
  });

  test('holds what a .NET server sends for what was never set, where the item has no value', async () => {
    const { body } = await success({ id: ID, success: true });
    expect(body).toBe(
      `{"id":"${ID}","locator":null,"id_pos_sesion":"${NIL}","terminal_id":null,"success":true,"message":null,` +
        `"date_login":"0001-01-01T00:00:00","date_logout":"0001-01-01T00:00:00","terminal_type":null,"id_user":"${NIL}"}`,
    );
  });

  test.each([[false], [undefined]])(
    'says success, also for a repeat of an item whose success is %s',
    async (stored) => {
      const { success: _, ...rest } = STORED;
      const { body } = await success(stored === undefined ? rest : { ...rest, success: stored });
      expect(body).toBe(JSON.stringify(STORED));
    },
  );

  test('keeps strings as they are stored, empty ones too', async () => {
    const { body = '' } = await success({ ...STORED, message: '', locator: ' ', terminal_id: '\uFFFD\0' });
    expect(JSON.parse(body)).toMatchObject({ message: '', locator: ' ', terminal_id: '\uFFFD\0' });
  });

  test('sent back in a request, each value that was never set is one that is not given', async () => {
    const { body = '' } = await success({ id: ID });
    const now = dateTimeAt(Date.UTC(2026, 4, 9), UTC);
    expect(readLogout(JSON.parse(body), UTC, Date.UTC(2026, 4, 9), {})).toEqual({
      id: ID,
      identity: {},
      receivedAt: now,
      caller: {},
    });
  });
});

describe('an answer other than 200', () => {
  test.each(REFUSALS)('of %s has the status %i, its headers and no other', async (code, status, error) => {
    const { statusCode, headers } = await refusal(error);
    expect(statusCode).toBe(status);
    expect(headers).toEqual({ ...HEADERS, ...(code === 'store_unavailable' && { 'retry-after': '1' }) });
  });

  test.each(REFUSALS)(
    'of %s is a cmd_connection whose success is false and whose message is a sentence',
    async (code, _, error) => {
      const { body = '' } = await refusal(error);
      const parsed = JSON.parse(body);
      expect(parsed).toMatchObject({ success: false, code, request_id: 'R-1' });
      expect(parsed.message).toMatch(/^[A-Z].*\.$/);
      expect(body).toBe(JSON.stringify(parsed));
    },
  );

  test.each(REFUSALS.filter(([code]) => !['already_logged_out', 'invalid_connection'].includes(code)))(
    'of %s is success, code, message, request_id, in this order',
    async (_code, _status, error) => {
      const { body = '' } = await refusal(error);
      expect(Object.keys(JSON.parse(body))).toEqual(['success', 'code', 'message', 'request_id']);
    },
  );

  test('of invalid_connection has the errors behind, each a field and its sentence', async () => {
    const errors = [
      { field: 'id', message: 'id is required.' },
      { field: 'success', message: 'success must be true or false.' },
    ] as const;
    const { body = '' } = await refusal(
      new InvalidConnectionError(errors.map((error) => ({ ...error, reason: 'format' }))),
    );
    expect(body).toBe(
      `{"success":false,"code":"invalid_connection","message":${JSON.stringify(JSON.parse(body).message)},` +
        `"request_id":"R-1","errors":${JSON.stringify(errors)}}`,
    );
  });

  test('of already_logged_out is the stored record, but success false and message the sentence, then code and request_id', async () => {
    const { body = '' } = await refusal(new AlreadyLoggedOutError(STORED));
    const { message } = JSON.parse(body);
    expect(body).toBe(
      JSON.stringify({ ...STORED, success: false, message, code: 'already_logged_out', request_id: 'R-1' }),
    );
    expect(message).not.toBe(STORED.message);
    expect(Object.keys(JSON.parse(body))).toEqual([...FIELDS, 'code', 'request_id']);
  });

  test('of already_logged_out holds what a .NET server sends for what the item has no value for', async () => {
    const { body = '' } = await refusal(new AlreadyLoggedOutError({ id: ID }));
    expect(JSON.parse(body)).toMatchObject({
      locator: null,
      id_pos_sesion: NIL,
      date_login: '0001-01-01T00:00:00',
      date_logout: '0001-01-01T00:00:00',
    });
  });

  test('of connection_not_found is one and the same, whatever did not match', async () => {
    const answers = await Promise.all(
      [['exists'], ['locator'], ['id_user', 'caller']].map((failed) =>
        refusal(new ConnectionNotFoundError(failed)),
      ),
    );
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test('of a defect shows nothing of the cause', async () => {
    const defects = [
      new Error('MARK'),
      Object.assign(new Error('MARK'), {
        statusCode: 418,
        code: 'MARK',
        expose: true,
        headers: { MARK: 'MARK' },
      }),
      Object.assign(new Error('MARK'), { code: 'already_logged_out', connection: { id: 'MARK' } }),
      'MARK',
      { message: 'MARK', statusCode: 200, body: 'MARK' },
      null,
      undefined,
    ];
    const answers = await Promise.all(defects.map((defect) => refusal(defect)));
    expect(JSON.stringify(answers)).not.toContain('MARK');
    for (const { statusCode, body = '' } of answers) {
      expect({ statusCode, code: JSON.parse(body).code }).toEqual({
        statusCode: 500,
        code: 'internal_error',
      });
    }
  });

  test('of store_unavailable shows nothing of the cause, and says that repeating the call is safe', async () => {
    const { body } = await refusal(new StoreUnavailableError(new Error('MARK'), 3));
    expect(body).not.toContain('MARK');
    expect(body).toMatch(/repeating/i);
  });
});

describe('the request id', () => {
  test("is the gateway's", async () => {
    const { body = '' } = await refusal(new BodyTooLargeError(), { requestId: 'JKJaXmPLvHcESHA=' });
    expect(JSON.parse(body).request_id).toBe('JKJaXmPLvHcESHA=');
  });
});

describe('the Content-Type', () => {
  const TEXT = { 'content-type': 'text/json; charset=utf-8' };

  test.each([
    ['by Accept', { accept: 'text/json' }],
    ['as the request, where there is no Accept', { contentType: 'text/json', body: '{}' }],
    [
      'as the request, where Accept matches neither',
      { contentType: 'TEXT/JSON; charset=utf-8', body: '{}', accept: 'image/png' },
    ],
  ])('is, to the letter, text/json; charset=utf-8: %s', async (_case, request) => {
    expect((await success(STORED, request)).headers).toMatchObject(TEXT);
    for (const [, , error] of REFUSALS) expect((await refusal(error, request)).headers).toMatchObject(TEXT);
  });

  test.each([
    ['a media type that is none of the three', { contentType: 'application/xml', body: '<a/>' }],
    ['a form', { contentType: 'application/x-www-form-urlencoded', body: 'id=1' }],
    ['neither header', { contentType: null, body: 'x' }],
    [
      'text/json, but Accept prefers the other',
      { contentType: 'text/json', body: '{}', accept: 'application/json' },
    ],
  ])('is, to the letter, application/json; charset=utf-8: %s', async (_case, request) => {
    expect((await success(STORED, request)).headers).toEqual(HEADERS);
  });
});

test('whatever is thrown, at whatever event, there is an answer of the contract', async () => {
  const thrown = fc.oneof(fc.anything(), fc.constantFrom(...REFUSALS.map(([, , error]) => error)));
  await fc.assert(
    fc.asyncProperty(fc.anything(), thrown, async (event, error) => {
      const {
        statusCode,
        headers,
        body = '',
      } = await answerTo(event, () => {
        throw error;
      });
      expect(REFUSALS.map(([, status]) => status)).toContain(statusCode);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(JSON.parse(body)).toMatchObject({ success: false, request_id: expect.any(String) });
    }),
    { numRuns: 500 },
  );
});
