import assert from 'node:assert/strict';

/** A response of the function, as payload format 2.0 has it. */
export interface FunctionResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A response that keeps the contract. */
export interface CheckedResponse {
  readonly status: number;
  /** Absent on 200. */
  readonly code?: string;
  /** The fields that a 400 names, in its order. */
  readonly invalid?: readonly string[];
  /** The ten fields, on 200 and on 409. */
  readonly record?: Readonly<Record<string, unknown>>;
}

const FIELDS = [
  ...['id', 'locator', 'id_pos_sesion', 'terminal_id', 'success'],
  ...['message', 'date_login', 'date_logout', 'terminal_type', 'id_user'],
];

const CODES: Readonly<Record<number, readonly string[]>> = {
  400: ['malformed_body', 'invalid_connection'],
  404: ['connection_not_found'],
  409: ['already_logged_out'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
  500: ['internal_error'],
  503: ['store_unavailable'],
};

/**
 * Checks what the contract says of every response: the status and its code, the headers, the fields
 * in their order, and that it is compact JSON.
 *
 * @param requestId the id that every response but a 200 must carry.
 * @throws {AssertionError} when it breaks the contract.
 */
export function checkResponse(
  { statusCode, headers, body }: FunctionResponse,
  requestId: string,
): CheckedResponse {
  const { 'content-type': type = '', 'retry-after': retry, ...others } = headers;
  assert.match(type, /^(application|text)\/json; charset=utf-8$/, `${statusCode} ${type} ${body}`);
  assert.equal(retry, statusCode === 503 ? '1' : undefined);
  assert.deepEqual(others, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });

  const fields = JSON.parse(body);
  assert.equal(body, JSON.stringify(fields), 'compact JSON');
  assert.equal(fields.success, statusCode === 200);
  if (statusCode === 200) {
    assert.deepEqual(Object.keys(fields), FIELDS);
    return { status: statusCode, record: fields };
  }

  const { code, message, request_id, errors = [] } = fields;
  assert.ok(CODES[statusCode]?.includes(code), `${statusCode} ${code} is not an outcome of the contract`);
  assert.match(message, /^[A-Z].*\.$/);
  assert.equal(request_id, requestId);
  if (code === 'already_logged_out') {
    assert.deepEqual(Object.keys(fields), [...FIELDS, 'code', 'request_id']);
    return { status: statusCode, code, record: recordOf(fields) };
  }
  const details = code === 'invalid_connection' ? ['errors'] : [];
  assert.deepEqual(Object.keys(fields), ['success', 'code', 'message', 'request_id', ...details]);
  for (const error of errors) assert.match(error.message, new RegExp(`^${error.field} .*\\.$`));
  const invalid: string[] = errors.map(({ field }: { field: string }) => field);
  assert.deepEqual(
    invalid,
    FIELDS.filter((field) => invalid.includes(field)),
    'in the order of the record',
  );
  return errors.length > 0 ? { status: statusCode, code, invalid } : { status: statusCode, code };
}

/** Makes the record that a response shows of an item with all ten values; the message may be absent. */
export function recordOf(item: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(FIELDS.map((field) => [field, item[field] ?? null]));
}
