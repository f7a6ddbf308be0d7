import { describe, expect, test } from 'vitest';
import type { GatewayEvent } from '../../../lambda/http/event.ts';
import { readBody } from '../../../lambda/http/read-body.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';

/** The text of a body. */
function textOf(request: PutRequest): unknown {
  const event = putEvent(request) as GatewayEvent;
  readBody().before?.({ event } as never);
  return event.body;
}

const codeOf = (request: PutRequest): unknown => {
  try {
    textOf(request);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const TYPES = ['application/json', 'text/json', 'application/x-www-form-urlencoded'];

describe.each(TYPES)('a body of %s', (contentType) => {
  test('is UTF-8', () => {
    expect(textOf({ contentType, body: '{"a":"ñ€😀"}' })).toBe('{"a":"ñ€😀"}');
  });

  test.each([['iso-8859-1'], ['utf-16'], ['windows-1252'], ['nonsense']])(
    'is UTF-8 whatever charset=%s says',
    (charset) => {
      expect(textOf({ contentType: `${contentType}; charset=${charset}`, body: '{"a":"ñ"}' })).toBe(
        '{"a":"ñ"}',
      );
    },
  );

  test('may be base64-encoded, as the gateway does with forms, or not', () => {
    expect(textOf({ contentType, body: 'é=1', base64: true })).toBe('é=1');
    expect(textOf({ contentType, body: 'é=1', base64: false })).toBe('é=1');
  });

  test('loses a byte order mark in front, one', () => {
    expect(textOf({ contentType, body: '\uFEFFx' })).toBe('x');
    expect(textOf({ contentType, body: '\uFEFF\uFEFFx' })).toBe('\uFEFFx');
    expect(textOf({ contentType, body: 'x\uFEFFy' })).toBe('x\uFEFFy');
  });

  test('loses blanks and NULs behind, and keeps those in front and within', () => {
    expect(textOf({ contentType, body: ' \0x \0 y\0 \r\n\t\0\0 ' })).toBe(' \0x \0 y');
  });

  test.each([
    ['a Latin-1 letter', Buffer.from('x=\xe9', 'latin1')],
    ['a sequence that ends too early', Buffer.from([0x78, 0xe2, 0x82])],
    ['half a surrogate pair', Buffer.from([0x78, 0xed, 0xa0, 0x80])],
    ['an overlong form', Buffer.from([0x78, 0xc0, 0xaf])],
    ['UTF-16 with its mark', Buffer.from('\uFEFF{"id":1}', 'utf16le')],
  ])('whose bytes are not UTF-8 is malformed_body: %s', (_case, body) => {
    expect(codeOf({ contentType, body, base64: true })).toBe('malformed_body');
  });

  test('in which the gateway has put U+FFFD is text', () => {
    expect(textOf({ contentType, body: Buffer.from('x=\xe9', 'latin1'), base64: false })).toBe('x=\uFFFD');
    expect(textOf({ contentType, body: 'x=\uFFFD', base64: true })).toBe('x=\uFFFD');
  });

  test.each([[true], [false]])(
    'of 64 KiB is read, of a byte more is body_too_large (base64: %s)',
    (base64) => {
      expect(textOf({ contentType, base64, body: 'x'.repeat(65_536) })).toHaveLength(65_536);
      expect(codeOf({ contentType, base64, body: 'x'.repeat(65_537) })).toBe('body_too_large');
    },
  );

  test.each([[true], [false]])('is measured in bytes, not in characters (base64: %s)', (base64) => {
    expect(textOf({ contentType, base64, body: '€'.repeat(21_845) })).toHaveLength(21_845);
    expect(codeOf({ contentType, base64, body: '€'.repeat(21_846) })).toBe('body_too_large');
  });
});

describe('a body of which nothing is left', () => {
  const types = [...TYPES, 'application/xml', 'multipart/form-data; boundary=x', null];

  test.each(types)('is an empty one, whatever its media type: %s', (contentType) => {
    const headers = { 'content-type': contentType ?? '' };
    expect(textOf({ contentType })).toBeUndefined();
    expect(textOf({ contentType, headers })).toBeUndefined();
    for (const body of [' ', '\0', '\r\n\t ', '\uFEFF', '\uFEFF \0\0 ', '\0'.repeat(65_536)]) {
      expect(textOf({ contentType, body, base64: true }), JSON.stringify(body.slice(0, 9))).toBeUndefined();
      expect(textOf({ contentType, body, base64: false })).toBeUndefined();
    }
  });
});

describe('the media type', () => {
  test.each([['application/xml'], ['text/plain'], ['multipart/form-data; boundary=x'], ['']])(
    'of a body that is not empty must be one of the three: %s is unsupported_media_type',
    (contentType) => {
      expect(codeOf({ contentType, body: '{}' })).toBe('unsupported_media_type');
    },
  );

  test('must be named: without one a body that is not empty is unsupported_media_type', () => {
    expect(codeOf({ contentType: null, body: '{}' })).toBe('unsupported_media_type');
  });
});

describe('the order of checks', () => {
  test('the size comes before emptiness', () => {
    expect(codeOf({ body: ' '.repeat(65_537) })).toBe('body_too_large');
  });

  test('the size comes before the media type', () => {
    expect(codeOf({ contentType: 'application/xml', body: 'x'.repeat(65_537) })).toBe('body_too_large');
  });

  test('the size comes before the encoding', () => {
    expect(codeOf({ body: Buffer.alloc(65_537, 0xff), base64: true })).toBe('body_too_large');
  });

  test('the media type comes before the encoding', () => {
    const body = Buffer.from([0xff]);
    expect(codeOf({ contentType: 'application/xml', body, base64: true })).toBe('unsupported_media_type');
  });
});

describe('a body that the gateway cannot have sent', () => {
  test.each([[null], [5], [true], [{}], [['x']], [undefined]])('is an empty one: %j', (body) => {
    const event: GatewayEvent = { body, headers: { 'content-type': 'application/json' } };
    readBody().before?.({ event } as never);
    expect(event.body).toBeUndefined();
  });

  test('that is base64 only by name is what of it is base64', () => {
    const event: GatewayEvent = { body: '%%%', isBase64Encoded: true, headers: {} };
    readBody().before?.({ event } as never);
    expect(event.body).toBeUndefined();
  });
});
