import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../lambda/domain/connection.ts';
import { createDateTime } from '../../../lambda/domain/date-time.ts';
import {
  AlreadyLoggedOutError,
  ConnectionNotFoundError,
  StoreUnavailableError,
  toLogoutError,
} from '../../../lambda/domain/errors.ts';
import { UTC } from '../../../lambda/domain/time-zone.ts';
import { BodyTooLargeError, InvalidConnectionError } from '../../../lambda/http/errors.ts';
import { readLogout } from '../../../lambda/http/read-logout.ts';
import { createErrorResponse, createSuccessResponse } from '../../../lambda/http/response.ts';
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

const success = (connection: Connection, request: PutRequest = {}) =>
  createSuccessResponse(putEvent(request), connection);

const refusal = (error: unknown, request: PutRequest = {}) =>
  createErrorResponse(putEvent(request), toLogoutError(error), 'R-1');

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

describe('a response of 200', () => {
  test('is the ten fields in their order and nothing else, compact JSON', () => {
    const reversed = Object.fromEntries(Object.entries(STORED).toReversed());
    expect(success({ ...reversed, session: 'x' } as Connection)).toEqual({
      statusCode: 200,
      headers: HEADERS,
      body: JSON.stringify(STORED),
    });
  });

  test('holds what a .NET server sends for what was never set, where the item has no value', () => {
    const { body } = success({ id: ID, success: true });
    expect(body).toBe(
      `{"id":"${ID}","locator":null,"id_pos_sesion":"${NIL}","terminal_id":null,"success":true,"message":null,` +
        `"date_login":"0001-01-01T00:00:00","date_logout":"0001-01-01T00:00:00","terminal_type":null,"id_user":"${NIL}"}`,
    );
  });

  test.each([[false], [undefined]])(
    'says success, also for a repeat of an item whose success is %s',
    (stored) => {
      const { success: _, ...rest } = STORED;
      const { body } = success(stored === undefined ? rest : { ...rest, success: stored });
      expect(body).toBe(JSON.stringify(STORED));
    },
  );

  test('keeps strings as they are stored, empty ones too', () => {
    const { body = '' } = success({ ...STORED, message: '', locator: ' ', terminal_id: '\uFFFD\0' });
    expect(JSON.parse(body)).toMatchObject({ message: '', locator: ' ', terminal_id: '\uFFFD\0' });
  });

  test('sent back in a request, each value that was never set is one that is not given', () => {
    const { body = '' } = success({ id: ID });
    const now = createDateTime(Date.UTC(2026, 4, 9), UTC);
    expect(readLogout(JSON.parse(body), UTC, Date.UTC(2026, 4, 9))).toEqual({
      id: ID,
      identity: {},
      receivedAt: now,
    });
  });
});

describe('a response other than 200', () => {
  test('has the headers of any, and with store_unavailable alone Retry-After', () => {
    const { statusCode, headers } = refusal(new StoreUnavailableError(new Error('why'), 3));
    expect(statusCode).toBe(503);
    expect(headers).toEqual({ ...HEADERS, 'retry-after': '1' });
    expect(refusal(new BodyTooLargeError()).headers).toEqual(HEADERS);
  });

  test('of invalid_connection has the errors behind, each a field and its sentence', () => {
    const errors = [
      { field: 'id', message: 'id is required.' },
      { field: 'success', message: 'success must be true or false.' },
    ] as const;
    const { body = '' } = refusal(
      new InvalidConnectionError(errors.map((error) => ({ ...error, reason: 'format' }))),
    );
    expect(body).toBe(
      '{"success":false,"code":"invalid_connection","message":"These fields are wrong: id, success.",' +
        `"request_id":"R-1","errors":${JSON.stringify(errors)}}`,
    );
  });

  test('of invalid_connection for one field says so', () => {
    const error = new InvalidConnectionError([{ field: 'id', message: 'x', reason: 'format' }]);
    const { body = '' } = refusal(error);
    expect(JSON.parse(body).message).toBe('This field is wrong: id.');
  });

  test('of already_logged_out is the stored record, but success false and message the sentence, then code and request_id', () => {
    const { body = '' } = refusal(new AlreadyLoggedOutError(STORED));
    const { message } = JSON.parse(body);
    expect(body).toBe(
      JSON.stringify({ ...STORED, success: false, message, code: 'already_logged_out', request_id: 'R-1' }),
    );
    expect(message).toBe('The connection was already logged out at another time.');
  });

  test('of connection_not_found is one and the same, whatever did not match', () => {
    const unknown = refusal(new ConnectionNotFoundError(['exists']));
    const message = 'There is no such connection.';
    const body = { success: false, code: 'connection_not_found', message, request_id: 'R-1' };
    expect(unknown.body).toBe(JSON.stringify(body));
    expect(refusal(new ConnectionNotFoundError(['id_user', 'caller'], STORED))).toEqual(unknown);
  });

  test('of a defect shows nothing of the cause', () => {
    const details = { statusCode: 418, code: 'MARK', expose: true, headers: { MARK: 'MARK' } };
    const defects = [Object.assign(new Error('MARK'), details), 'MARK', { message: 'MARK' }, null];
    const responses = defects.map((defect) => refusal(defect));
    expect(JSON.stringify(responses)).not.toContain('MARK');
    for (const { statusCode, body } of responses) {
      expect(statusCode).toBe(500);
      expect(body).toContain('"code":"internal_error","message":"The service has a defect."');
    }
  });

  test('of store_unavailable shows nothing of the cause, and says that repeating the call is safe', () => {
    const { body } = refusal(new StoreUnavailableError(new Error('MARK'), 3));
    expect(body).not.toContain('MARK');
    expect(body).toMatch(/repeating/i);
  });
});

describe('the Content-Type', () => {
  const XML = { contentType: 'application/xml', body: '<a/>' };
  const TEXT_JSON = { contentType: 'text/json', body: '{}' };

  test.each([
    ['application/json; charset=utf-8', 'neither header', { contentType: null, body: 'x' }],
    ['application/json; charset=utf-8', 'a request of another type', XML],
    ['text/json; charset=utf-8', 'Accept', { accept: 'text/json' }],
    ['text/json; charset=utf-8', 'a request of text/json', TEXT_JSON],
  ])('is, to the letter, %s by %s', (type, _by, request) => {
    expect(success(STORED, request).headers).toMatchObject({ 'content-type': type });
    expect(refusal(new BodyTooLargeError(), request).headers).toMatchObject({ 'content-type': type });
  });
});
