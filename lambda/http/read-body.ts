import { isUtf8 } from 'node:buffer';
import type { MiddlewareObj } from '@middy/core';
import { BodyTooLargeError, LARGEST_BODY, MalformedBodyError, UnsupportedMediaTypeError } from './errors.ts';
import { type GatewayEvent, header } from './event.ts';
import { requestType } from './media-type.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Makes text of the body: size, then emptiness, then media type, then encoding, in the contract's order of checks.
 * Leaves the text in `event.body`, or `undefined` where nothing is left of it.
 *
 * @throws {BodyTooLargeError} above 64 KiB.
 * @throws {UnsupportedMediaTypeError} when a body that is not empty has none of the three media types.
 * @throws {MalformedBodyError} when its bytes are not UTF-8.
 */
export function readBody(): MiddlewareObj<GatewayEvent> {
  return {
    before({ event }) {
      const bytes = bytesOf(event);
      if (bytes.length > LARGEST_BODY) throw new BodyTooLargeError();
      const text = withoutPadding(bytes.toString());
      event.body = text === '' ? undefined : text;
      event.isBase64Encoded = false;
      if (text === '') return;
      if (requestType(header(event, 'content-type')) === undefined) throw new UnsupportedMediaTypeError();
      if (!isUtf8(bytes)) throw new MalformedBodyError('The body is not UTF-8.');
    },
  };
}

function bytesOf({ body, isBase64Encoded }: GatewayEvent): Buffer {
  if (typeof body !== 'string') return Buffer.alloc(0);
  return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
}

/** A loop, since a regular expression for it is quadratic: 3.2 s on 64 KiB of blanks. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && isPadding(text.charAt(end - 1))) end--;
  return text.slice(text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0, end);
}

function isPadding(character: string): boolean {
  return character === '\0' || character.trim() === '';
}
