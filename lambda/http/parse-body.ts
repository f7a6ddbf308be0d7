import type { MiddlewareObj, Request } from '@middy/core';
import httpJsonBodyParser, { type RequestEvent } from '@middy/http-json-body-parser';
import { FIELD_TYPES } from '../domain/connection.ts';
import { MalformedBodyError } from './errors.ts';
import { type GatewayEvent, header } from './event.ts';
import { recordFieldsOf } from './json-body.ts';
import { requestType } from './media-type.ts';

/**
 * Makes fields of the body's text: of JSON with Middy's parser, of a form with the platform's. Leaves in
 * `event.body` an object whose names are those of the record; an empty body is an object without fields.
 *
 * @throws {MalformedBodyError} when the text is no JSON object.
 */
export function parseBody(): MiddlewareObj<GatewayEvent> {
  // The media type is checked already: Middy's own check refuses text/json.
  const json = httpJsonBodyParser({ disableContentTypeCheck: true });
  return {
    before(request) {
      const { event } = request;
      if (event.body === undefined) {
        event.body = {};
      } else if (requestType(header(event, 'content-type')) === 'application/x-www-form-urlencoded') {
        event.body = formFields(String(event.body));
      } else {
        event.body = jsonFields(String(event.body));
        json.before?.(request as Request<RequestEvent, unknown>);
      }
    },
  };
}

function jsonFields(text: string): string {
  try {
    return recordFieldsOf(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new MalformedBodyError('The body is not a JSON object.');
    throw error;
  }
}

/** Of equal names, in any case, a form takes the first. */
function formFields(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  // Of a text with an escape that is not UTF-8, Node.js keeps but the low byte of what is not ASCII: so all is escaped.
  const ascii = text.replace(/[^\0-\x7f]+/g, encodeURIComponent);
  // The leading & keeps a ? at the start from being taken for the mark of a query.
  for (const [name, value] of new URLSearchParams(`&${ascii}`)) {
    const field = name.toLowerCase();
    if (Object.hasOwn(FIELD_TYPES, field)) fields[field] ??= value;
  }
  return fields;
}
