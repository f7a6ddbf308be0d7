import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { isUnsetDate } from '../../lambda/domain/date-time.ts';
import { formats } from '../../lambda/http/schema.ts';

/** A response of the document, or what a media type of it holds, as far as tests look at it. */
interface Media {
  readonly schema: object;
  readonly examples: Readonly<Record<string, { readonly summary: string; readonly value: object }>>;
}

/** What the document says of one status. */
interface DocumentedResponse {
  readonly headers: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content: Readonly<Record<string, Media>>;
}

/** `docs/openapi.yaml`. */
export const document = parse(readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'));

/** The one operation. */
export const operation = document.paths['/api/tt_cmd_connection/logout'].put;

/** The operation's responses by status, references followed. */
const responses: Readonly<Record<string, DocumentedResponse>> = Object.fromEntries(
  Object.entries<{ $ref: string }>(operation.responses).map(([status, { $ref }]) => [status, at($ref)]),
);

const ajv = new Ajv2020({
  allErrors: true,
  // Parts of an `allOf` say only what they add.
  strictTypes: false,
  strictRequired: false,
  formats: {
    guid: formats.guid,
    boolean: formats.boolean,
    // What JSON Schema calls `date` is a day without a time, so the document has a name of its own for it.
    'connection-date': formats.date,
    'unset-date': isUnsetDate,
  },
})
  // To ajv the document is a schema, of whose own names it knows none.
  .addVocabulary(Object.keys(document))
  .addSchema(document, 'document');

/** @returns what a reference within the document leads to. */
export function at(reference: string): never {
  const names = reference.replace(/^#\//, '').split('/');
  return names.reduce((node, name) => node[name.replaceAll('~1', '/')], document) as never;
}

/** @returns a validator of the schema at a place of the document, such as `#/components/schemas/LogoutForm`. */
export function validatorAt(reference: string): ValidateFunction {
  const id = `document${reference}`;
  return ajv.getSchema(id) ?? ajv.compile({ $ref: id });
}

/** Every example of an answer, with its status and whether the gateway gives it in the service's place. */
export function answerExamples(): { status: string; name: string; value: object; isGateways: boolean }[] {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content['application/json']?.examples ?? {}).map(([name, { value }]) => ({
      status,
      name,
      value,
      isGateways: name === 'gateway',
    })),
  );
}

/** An answer as it came over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Headers of the connection, which no document of an API lists. */
const OF_HTTP = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive']);

/**
 * Holds an answer against the document: status, every header, format and body.
 *
 * @returns a sentence for each difference; none if the document describes the answer.
 */
export function differences({ status, headers, body }: Answer): string[] {
  const key = String(status) in responses ? String(status) : 'default';
  const response = responses[key] as DocumentedResponse;
  const [type = '', charset] = String(headers['content-type']).split('; ');
  if (!(type in response.content)) return [`${status} is not documented in ${type}.`];

  const value = JSON.parse(body);
  const isOwn = 'success' in value;
  const reference = operation.responses[key].$ref;
  const fits = validatorAt(`${reference}/content/${type.replace('/', '~1')}/schema`);
  return [
    ...(charset === (isOwn ? 'charset=utf-8' : undefined) ? [] : [`The charset is ${charset}.`]),
    ...(fits(value) ? [] : [`The body does not fit: ${ajv.errorsText(fits.errors)}`]),
    ...Object.entries(response.headers).flatMap(([name, { $ref }]) =>
      wrongHeader(name, $ref, headers, isOwn),
    ),
    ...Object.keys(headers)
      .filter((name) => !(name in response.headers) && !OF_HTTP.has(name))
      .map((name) => `${name} is not documented.`),
  ];
}

function wrongHeader(
  name: string,
  reference: string,
  headers: IncomingHttpHeaders,
  isOwn: boolean,
): string[] {
  const { required = false } = at(reference) as { required?: boolean };
  const value = headers[name];
  // `Retry-After` goes with one code of a status that others share, and every other header with all that is the service's own.
  if (value === undefined)
    return required || (isOwn && name !== 'apigw-requestid') ? [`${name} is missing.`] : [];
  return validatorAt(`${reference}/schema`)(value) ? [] : [`${name} is ${value}.`];
}
