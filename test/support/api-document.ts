import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { FIELDS } from '../../lambda/domain/connection.ts';
import { isUnsetDate, parseDateTime } from '../../lambda/domain/date-time.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import { formats } from '../../lambda/http/schema.ts';
import type { HttpResponse } from './http.ts';

/** What a response of the document contains in one media type, as far as tests read it. */
interface Media {
  readonly schema: object;
  readonly examples: Readonly<Record<string, { readonly summary: string; readonly value: object }>>;
}

/** A response of the document. */
interface DocumentedResponse {
  readonly headers: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content: Readonly<Record<string, Media>>;
}

/** `docs/openapi.yaml`. */
export const document = parse(readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'));

/** The one operation. */
export const operation = document.paths['/api/tt_cmd_connection/logout'].put;

/** The operation's responses by status, with references resolved. */
const responses: Readonly<Record<string, DocumentedResponse>> = Object.fromEntries(
  Object.entries<{ $ref: string }>(operation.responses).map(([status, { $ref }]) => [
    status,
    resolveReference($ref),
  ]),
);

const ajv = new Ajv2020({
  allErrors: true,
  // Parts of an `allOf` contain only what they add.
  strictTypes: false,
  strictRequired: false,
  formats: {
    guid: formats.guid,
    boolean: formats.boolean,
    // In JSON Schema `date` is a day without a time, so the document has another name.
    'connection-date': (text: string) => parseDateTime(text, UTC) !== undefined,
    'unset-date': isUnsetDate,
  },
})
  // To ajv the document is a schema with unknown keywords.
  .addVocabulary(Object.keys(document))
  .addSchema(document, 'document');

/** @returns what a reference within the document points to. */
function resolveReference(reference: string): never {
  const names = reference.replace(/^#\//, '').split('/');
  return names.reduce((node, name) => node[name.replaceAll('~1', '/')], document) as never;
}

/** @param reference a schema of the document, such as `#/components/schemas/LogoutForm`. */
export function getValidator(reference: string): ValidateFunction {
  const id = `document${reference}`;
  return ajv.getSchema(id) ?? ajv.compile({ $ref: id });
}

/** Every example of a response, with its status and whether it is the gateway's own. */
export function listResponseExamples() {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content['application/json']?.examples ?? {}).map(([name, { value }]) => ({
      status,
      name,
      value,
      isFromGateway: name === 'gateway',
    })),
  );
}

/** Headers of HTTP itself, which the document does not list. */
const HTTP_HEADERS = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive']);

/**
 * Compares a response with the document: status, every header, media type and body.
 *
 * @returns a sentence for each difference; none if the document describes the response.
 */
export function findDifferences({ status, headers, body }: HttpResponse): string[] {
  const key = String(status) in responses ? String(status) : 'default';
  const response = responses[key] as DocumentedResponse;
  const [type = '', charset] = String(headers['content-type']).split('; ');
  if (!(type in response.content)) return [`${status} is not documented in ${type}.`];

  const value = JSON.parse(body);
  const isFromService = 'success' in value;
  const reference = operation.responses[key].$ref;
  const validate = getValidator(`${reference}/content/${type.replace('/', '~1')}/schema`);
  return [
    ...(charset === (isFromService ? 'charset=utf-8' : undefined) ? [] : [`The charset is ${charset}.`]),
    ...(validate(value) ? [] : [`The body does not match: ${ajv.errorsText(validate.errors)}`]),
    ...Object.entries(response.headers).flatMap(([name, { $ref }]) =>
      findWrongHeader(name, $ref, headers, isFromService),
    ),
    ...Object.keys(headers)
      .filter((name) => !(name in response.headers) && !HTTP_HEADERS.has(name))
      .map((name) => `${name} is not documented.`),
  ];
}

function findWrongHeader(
  name: string,
  reference: string,
  headers: IncomingHttpHeaders,
  isFromService: boolean,
): string[] {
  const { required = false } = resolveReference(reference) as { required?: boolean };
  const value = headers[name];
  // The service sends every documented header; the gateway only those that are required.
  if (value === undefined)
    return required || (isFromService && name !== 'apigw-requestid') ? [`${name} is missing.`] : [];
  return getValidator(`${reference}/schema`)(value) ? [] : [`${name} is ${value}.`];
}

/** A response that keeps the contract. */
export interface CheckedResponse {
  readonly status: number;
  readonly body: string;
  /** Absent on 200. */
  readonly code?: string;
  /** The ten fields, on 200 and on 409. */
  readonly record?: Readonly<Record<string, unknown>>;
}

/**
 * Checks that a response of the function, with the gateway's `apigw-requestid`, is one that the API document describes.
 *
 * @throws {AssertionError} when it is not.
 */
export function checkResponse(response: HttpResponse): CheckedResponse {
  assert.deepEqual(findDifferences(response), []);
  const { status, headers, body } = response;
  const { code, request_id, ...record } = JSON.parse(body);
  assert.equal(record.success, status === 200);
  if (status === 200) return { status, body, record };
  assert.equal(request_id, headers['apigw-requestid']);
  return status === 409 ? { status, body, code, record } : { status, body, code };
}

/** Makes the record that a response shows of an item with all ten values; the message may be absent. */
export function createRecord(item: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(FIELDS.map((field) => [field, item[field] ?? null]));
}
