import { http, json, type RawAnswer } from './odd-server.ts';

const PAGE = '<html>Please log in</html>';
const TO_LOGIN = ['Location: http://127.0.0.1:9/login'];
const OTHER_ID = 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24';

/** The answer of the service to a logout, as far as the examples for clients read it. */
export function success(id: string): string {
  return json('200 OK', { id, success: true, message: 'hello' });
}

/**
 * What is not an answer of the service to a logout of this connection, or does not settle it.
 *
 * @param id the connection's.
 */
export function answersToRepeat(id: string): readonly RawAnswer[] {
  const ok = success(id);
  return [
    // Cut or garbled.
    ok.slice(0, -20),
    ok.slice(0, ok.indexOf('Content-Length')),
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"id"',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"id"',
    'garbage\r\n\r\n',
    '',
    (socket) => socket.resetAndDestroy(),
    http('200 OK', '\x1f\x8b\x08', ['Content-Type: application/json', 'Content-Encoding: gzip']),
    // Pages of a captive portal or a proxy.
    ...['200 OK', '403 Forbidden', '409 Conflict', '511 Network Authentication Required'].map((status) =>
      http(status, PAGE, ['Content-Type: text/html']),
    ),
    http('200 OK', PAGE, ['Content-Type: application/json']),
    ...['302 Found', '307 Temporary Redirect'].map((status) => http(status, '', TO_LOGIN)),
    http('407 Proxy Authentication Required', '', ['Proxy-Authenticate: Basic realm="x"']),
    http('408 Request Timeout'),
    // JSON that does not say that this connection is logged out.
    http('200 OK'),
    http('204 No Content'),
    ...[null, [], 'true', 1, {}, '['.repeat(100_000)].map((body) =>
      typeof body === 'string'
        ? http('200 OK', body, ['Content-Type: application/json'])
        : json('200 OK', body),
    ),
    json('200 OK', { status: 'online' }),
    json('200 OK', { success: true }),
    json('200 OK', { id: OTHER_ID, success: true, message: null }),
    json('200 OK', { id, success: false, message: null }),
    json('201 Created', { id, success: true, message: null }),
    json('409 Conflict', { success: false, message: 'A sentence.' }),
    json('500 Internal Server Error', { id, status: 200, success: true, message: null }),
    // The service and the gateway, which want the request again.
    json('429 Too Many Requests', { message: 'Too Many Requests' }),
    json('500 Internal Server Error', { message: 'Internal Server Error' }),
    json('503 Service Unavailable', { success: false, code: 'store_unavailable', message: 'x' }, [
      'Retry-After: soon',
    ]),
    json('400 Bad Request', {
      success: false,
      code: 'invalid_connection',
      message: 'This field is wrong: date_logout.',
      request_id: 'x',
      errors: [{ field: 'date_logout', message: 'date_logout must not be ahead of the clock.' }],
    }),
  ];
}

const refusal = (code: string) => ({ success: false, code, message: 'A sentence.', request_id: 'x' });

/** Answers that the same request would get again. @param id the connection's. */
export function finalRefusals(id: string): readonly (readonly [status: number, answer: string])[] {
  const errors = ['locator', 'date_logout'].map((field) => ({ field, message: 'A sentence.' }));
  return [
    [400, json('400 Bad Request', { ...refusal('invalid_connection'), errors })],
    [403, json('403 Forbidden', { message: 'Forbidden' })],
    [404, json('404 Not Found', refusal('connection_not_found'))],
    [409, json('409 Conflict', { id, ...refusal('already_logged_out') })],
    [415, json('415 Unsupported Media Type', refusal('unsupported_media_type'))],
  ];
}
