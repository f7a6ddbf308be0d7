import { NONEXISTENT_ID, ROUTE_PATH } from '../../lambda/watch/harmless-request.ts';
import type { SmokeRequest } from './client.ts';
import type { Access } from './command.ts';
import { byGateway, byService, type Expectation, refusedCaller } from './expectations.ts';

/** One request, and what must come of it. */
export interface Check {
  /** What the contract says, in a few words. */
  readonly name: string;
  readonly request: SmokeRequest;
  readonly expected: Expectation;
}

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';

/**
 * A connection that is nobody's: no login service makes such an id. Should one exist all the same, these identity
 * fields are not its own, so that the write's condition fails and nothing is written.
 */
const NOBODY = {
  id: NONEXISTENT_ID,
  terminal_id: 'smoke test, no terminal',
  locator: 'smoke test, no place',
} as const;

const FOUND_NOTHING = byService(404, 'connection_not_found');

/** The service must look for nobody's connection, and not find it: all of it works then, the right to write too. */
export const UNKNOWN_CONNECTION: Check = {
  name: 'an id that nobody has, as JSON',
  request: put(NOBODY),
  expected: FOUND_NOTHING,
};

/** Written again on purpose, as all that is expected here: seen from outside, the limit is what the contract says. */
const LARGEST_BODY = 65_536;
const HOUR_MS = 3_600_000;

/**
 * Everything that can be checked without a connection to log out.
 *
 * @param access how the endpoint lets callers in: with `iam` and `jwt` it must refuse those who show nothing.
 * @param now the clock, for a date that lies ahead.
 */
export function checks(access: Access, now: Date): readonly Check[] {
  return [
    ...callers(access),
    UNKNOWN_CONNECTION,
    ...formats(),
    ...accepts(),
    ...wrongFields(now),
    ...wrongBodies(),
    ...otherRoutes(),
  ];
}

function callers({ auth }: Access): Check[] {
  if (auth === 'none') return [];
  const forged =
    auth === 'jwt'
      ? 'Bearer smoke.test.token'
      : 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00';
  return [
    {
      name: 'a caller without credentials is refused',
      request: { ...UNKNOWN_CONNECTION.request, authorization: '' },
      expected: refusedCaller(auth),
    },
    {
      name: 'a caller with forged credentials is refused',
      request: { ...UNKNOWN_CONNECTION.request, authorization: forged },
      expected: refusedCaller(auth),
    },
  ];
}

function formats(): Check[] {
  const json = JSON.stringify(NOBODY);
  const padded = `${json}${' '.repeat(LARGEST_BODY - json.length)}`;
  const upperCase = Object.fromEntries(
    Object.entries(NOBODY).map(([name, value]) => [name.toUpperCase(), value]),
  );
  return [
    ['as JSON with a charset and a byte order mark', put(`\uFEFF${json}`, `${JSON_TYPE} ; charset="utf-8"`)],
    ['as a form', put(new URLSearchParams(NOBODY).toString(), FORM)],
    ['names in upper case, and one that is unknown', put({ ...upperCase, UNKNOWN: [{}] })],
    ['a GUID in braces and upper case', put({ ...NOBODY, id: `{${NOBODY.id.toUpperCase()}}` })],
    ['values that a .NET client never set', put({ ...NOBODY, ...UNSET })],
    ['a body of 64 KiB', put(padded)],
  ].map(([name, request]) => ({ name, request, expected: FOUND_NOTHING }) as Check);
}

const UNSET = {
  id_user: '00000000-0000-0000-0000-000000000000',
  id_pos_sesion: null,
  success: false,
  message: '',
  date_login: '0001-01-01T00:00:00',
  date_logout: '/Date(-62135578800000-0500)/',
};

function accepts(): Check[] {
  const text = byService(404, 'connection_not_found', { type: 'text/json' });
  return [
    {
      name: 'text/json is answered in text/json',
      request: put(NOBODY, 'text/json'),
      expected: text,
    },
    {
      name: 'Accept chooses the type of the answer',
      request: { ...UNKNOWN_CONNECTION.request, accept: `${JSON_TYPE};q=0.5, text/*` },
      expected: text,
    },
    {
      name: 'an Accept that nothing matches is no error',
      request: { ...UNKNOWN_CONNECTION.request, accept: 'image/png' },
      expected: FOUND_NOTHING,
    },
  ];
}

function wrongFields(now: Date): Check[] {
  const invalid = (name: string, fields: object | string, ...errors: string[]): Check => ({
    name,
    request: put(fields),
    expected: byService(400, 'invalid_connection', { errors }),
  });
  const everything = {
    id_user: 'x',
    terminal_type: ['x'],
    date_logout: '2026-02-30',
    date_login: '05/09/2026',
    message: 'x'.repeat(2_049),
    success: 'yes',
    terminal_id: true,
    id_pos_sesion: '{0x6f1c2a58}',
    locator: 'x'.repeat(257),
    id: 1,
  };
  return [
    { ...invalid('no body: id is required', '', 'id'), request: { path: ROUTE_PATH } },
    invalid('an object without fields: id is required', {}, 'id'),
    invalid('the nil GUID is no id', { id: UNSET.id_user }, 'id'),
    invalid('every wrong field is named, in order', everything, ...Object.keys(everything).reverse()),
    invalid(
      'a logout that lies ahead',
      { ...NOBODY, date_logout: new Date(now.getTime() + HOUR_MS).toISOString() },
      'date_logout',
    ),
    invalid(
      'a logout before its login',
      { ...NOBODY, date_login: '2026-05-09T17:00:00+02:00', date_logout: '2026-05-09T14:59:59.9999999Z' },
      'date_logout',
    ),
  ];
}

function wrongBodies(): Check[] {
  const malformed = (name: string, body: string): Check => ({
    name,
    request: put(body),
    expected: byService(400, 'malformed_body'),
  });
  const unsupported = (name: string, request: SmokeRequest): Check => ({
    name,
    request,
    expected: byService(415, 'unsupported_media_type'),
  });
  const body = JSON.stringify(NOBODY);
  return [
    malformed('JSON that breaks off', body.slice(0, -1)),
    malformed('JSON that is no object', `[${body}]`),
    malformed('JSON with a comment', `${body}// x`),
    unsupported('another media type', put(body, 'text/plain')),
    unsupported('no media type', { path: ROUTE_PATH, body }),
    {
      name: 'a body of 64 KiB and one byte',
      request: put('x'.repeat(LARGEST_BODY + 1), 'text/plain'),
      expected: byService(413, 'body_too_large'),
    },
  ];
}

function otherRoutes(): Check[] {
  const notFound = (name: string, request: Partial<SmokeRequest>): Check => ({
    name,
    request: { ...UNKNOWN_CONNECTION.request, ...request },
    expected: byGateway(404, 'Not Found'),
  });
  return [
    notFound('another method: POST', { method: 'POST' }),
    { ...notFound('another method: GET', {}), request: { method: 'GET', path: ROUTE_PATH } },
    notFound('another path', { path: '/' }),
    notFound('the path in another case', { path: ROUTE_PATH.replace('/api', '/API') }),
    notFound('the path with a slash behind it', { path: `${ROUTE_PATH}/` }),
  ];
}

function put(body: object | string, contentType = JSON_TYPE): SmokeRequest {
  return { path: ROUTE_PATH, contentType, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
