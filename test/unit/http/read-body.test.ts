import { describe, expect, test } from 'vitest';
import { LogoutError } from '../../../lambda/domain/errors.ts';
import type { PutRequest } from '../../support/events.ts';
import { form, parseEvent, readFields } from './chain.ts';

/** How each media type writes one field. */
const BODIES: readonly [string, (message: string) => string][] = [
  ['application/json', (message) => `{"message":"${message}"}`],
  ['text/json', (message) => `{"message":"${message}"}`],
  ['application/x-www-form-urlencoded', (message) => `message=${message}`],
];

/** The code of the error that a request is refused with. */
function findCode(request: PutRequest): string | undefined {
  try {
    readFields(request);
    return undefined;
  } catch (error) {
    if (error instanceof LogoutError) return error.code;
    throw error;
  }
}

describe.each(BODIES)('a body of %s', (contentType, write) => {
  test('gives its fields', () => {
    expect(readFields({ contentType, body: write('ñ€😀') })).toEqual({ message: 'ñ€😀' });
  });

  test('is UTF-8 whatever charset says', () => {
    const type = `${contentType}; charset=utf-16`;
    expect(readFields({ contentType: type, body: write('ñ') })).toEqual({ message: 'ñ' });
  });

  test.each([[true], [false]])('is read alike with base64: %s', (base64) => {
    expect(readFields({ contentType, body: write('é'), base64 })).toEqual({ message: 'é' });
  });

  test('may have one byte order mark in front, and whitespace and NULs behind', () => {
    const body = `\uFEFF${write('\uFEFFx')} \0 \r\n\t\0\0 `;
    expect(readFields({ contentType, body })).toEqual({ message: '\uFEFFx' });
  });
});

describe('bytes that are not UTF-8', () => {
  const BYTES: [string, number[], string][] = [
    ['a Latin-1 letter', [0xe9], '\uFFFD'],
    ['a sequence that ends too early', [0xe2, 0x82], '\uFFFD'],
    ['half a surrogate pair', [0xed, 0xa0, 0x80], '\uFFFD\uFFFD\uFFFD'],
    ['an overlong form', [0xc0, 0xaf], '\uFFFD\uFFFD'],
  ];
  const around = (start: string, bytes: number[], end: string) =>
    Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(end)]);

  test.each(BYTES)(
    'are malformed_body in JSON, unless the gateway has put U+FFFD in their place: %s',
    (_case, bytes, replaced) => {
      const body = around('{"message":"', bytes, '"}');
      expect(findCode({ body, base64: true })).toBe('malformed_body');
      expect(readFields({ body, base64: false })).toEqual({ message: replaced });
    },
  );

  test.each(BYTES)('are U+FFFD in a form, escaped or not: %s', (_case, bytes, replaced) => {
    const escaped = bytes.map((byte) => `%${byte.toString(16)}`).join('');
    expect(readFields(form(around('message=caf', bytes, '&id=1')))).toEqual({
      message: `caf${replaced}`,
      id: '1',
    });
    expect(readFields(form(`message=caf${escaped}&id=1`))).toEqual({ message: `caf${replaced}`, id: '1' });
  });

  test('count in a form for its own field alone, which may be unknown', () => {
    expect(readFields(form(around('id=1&nombre=caf', [0xe9], '&terminal_id=2')))).toEqual({
      id: '1',
      terminal_id: '2',
    });
    expect(readFields(form(around('id=1&', [0xe9], '=x&message=2')))).toEqual({ id: '1', message: '2' });
  });
});

test.each([true, false])(
  'a body of 64 KiB is read, and one of a byte more is body_too_large (base64: %s)',
  (base64) => {
    const filled = (bytes: number) => `{"message":"€${'x'.repeat(bytes - 17)}"}`;
    expect(Buffer.byteLength(filled(65_536))).toBe(65_536);
    expect(findCode({ base64, body: filled(65_536) })).toBeUndefined();
    expect(findCode({ base64, body: filled(65_537) })).toBe('body_too_large');
  },
);

test.each([true, false])('a body in UTF-16 is malformed_body (base64: %s)', (base64) => {
  expect(findCode({ body: Buffer.from('{"id":"1"}', 'utf16le'), base64 })).toBe('malformed_body');
});

describe('a form', () => {
  test.each([
    ['names in any case', 'ID=1&Message=x', { id: '1', message: 'x' }],
    ['escaped names', '%69d=1&terminal%5Fid=2', { id: '1', terminal_id: '2' }],
    ['unknown names, ignored', 'foo=1&cmd[id]=2&terminalid=3&id=4&__proto__=5&toString=6', { id: '4' }],
    ['of equal names in any case the first', 'Message=1&message=2&MESSAGE=3', { message: '1' }],
    ['the first, although it is empty', 'message=&message=2', { message: '' }],
    ['a name without a value', 'message&id=1', { message: '', id: '1' }],
    ['an equals sign in a value', 'message=a=b', { message: 'a=b' }],
    ['empty parts', '&&id=1&&&message=x&', { id: '1', message: 'x' }],
    ['a question mark in front is part of the name', '?id=1&message=x', { message: 'x' }],
    ['a plus is a space', 'message=a+b', { message: 'a b' }],
    [
      'an escaped plus is a plus',
      'date_logout=2026-05-09T17%3A00%3A00%2B02%3A00',
      { date_logout: '2026-05-09T17:00:00+02:00' },
    ],
    ['a semicolon separates nothing', 'message=a;id=1', { message: 'a;id=1' }],
    ['escapes in capital letters', 'message=%C3%B1%F0%9F%98%80', { message: 'ñ😀' }],
    ['an escaped NUL, line feed, ampersand', 'message=%00%0A%26id%3D2', { message: '\0\n&id=2' }],
    ['text that is not escaped', 'message=ñ €😀', { message: 'ñ €😀' }],
    ['numbers and words, all strings', 'success=1&message=null', { success: '1', message: 'null' }],
    ['nothing but an ampersand', '&', {}],
  ])('holds %s', (_what, body, expected) => {
    expect(readFields(form(body))).toEqual(expected);
  });

  test.each([
    ['alone', '%', '%'],
    ['at the end', '100%', '100%'],
    ['before no digits', '%zz', '%zz'],
    ['before another', '%%41', '%A'],
    ['before a plus', '5%+off', '5% off'],
    ['next to text that is not escaped', '50% ñ €😀', '50% ñ €😀'],
    ['next to an escape and text that is not escaped', '5%25 or 5% €', '5% or 5% €'],
  ])('in which a percent sign starts no escape has a percent sign: %s', (_case, sent, value) => {
    expect(readFields(form(`message=${sent}`))).toEqual({ message: value });
  });

  test.each([
    ['a letter that is cut off by another', '%E2%82A', '\uFFFDA'],
    ['a bare continuation', 'a%80b', 'a\uFFFDb'],
    ['next to text that is not escaped', 'ñ%E9€', 'ñ\uFFFD€'],
  ])('has U+FFFD for escaped bytes that are not UTF-8: %s', (_case, sent, value) => {
    expect(readFields(form(`message=${sent}`))).toEqual({ message: value });
  });

  test.each([
    ['id[]=1&terminal_id[]=2', { id: '1', terminal_id: '2' }],
    ['id%5B%5D=1&Terminal_Id%5b%5d=2', { id: '1', terminal_id: '2' }],
    ['terminal_id[]=2&terminal_id=3', { terminal_id: '2' }],
    ['terminal_id=2&TERMINAL_ID[]=3', { terminal_id: '2' }],
    ['terminal_id[]=2&terminal_id[]=3', { terminal_id: '2' }],
    ['terminal_id[][]=2', { terminal_id: '2' }],
    ['id[0]=1&id[x]=1&[]id=1&[]=1&id[=1&id]=1&id[]x=1', {}],
  ])(
    'takes a name that ends in [] for the name without it, and no other with brackets: %s',
    (body, fields) => {
      expect(readFields(form(body))).toEqual(fields);
    },
  );
});

describe('a body that is empty once whitespace and NULs are removed', () => {
  const types = [...BODIES.map(([type]) => type), 'application/xml', null];

  test.each(types)('is an object without fields, whatever its media type: %s', (contentType) => {
    for (const body of [undefined, ' ', '\0', '\uFEFF', '\uFEFF \0\r\n\t\0 ']) {
      expect(readFields({ contentType, body })).toEqual({});
    }
  });

  test('may say that it is compressed', () => {
    expect(readFields({ body: ' ', headers: { 'content-encoding': 'gzip' } })).toEqual({});
  });

  test.each([[null], [5], [true], [{}], [['x']], [undefined]])(
    'is one that the gateway cannot have sent: %j',
    (body) => {
      expect(parseEvent({ body, headers: { 'content-type': 'application/json' } }).body).toEqual({});
    },
  );
});

describe('unsupported_media_type', () => {
  test.each([['application/xml'], ['multipart/form-data; boundary=x'], [''], [null]])(
    'is the response to a body of another media type: %s',
    (contentType) => {
      expect(findCode({ contentType, body: '{}' })).toBe('unsupported_media_type');
    },
  );

  test.each([
    ...['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress'],
    ...['GZIP', ' Gzip ', 'identity, gzip', 'utf-8,br'],
  ])('is the response to a body that is compressed: Content-Encoding is "%s"', (encoding) => {
    expect(findCode({ body: '{}', headers: { 'content-encoding': encoding } })).toBe(
      'unsupported_media_type',
    );
  });

  test.each([
    ...['', 'identity', ' identity ', 'utf-8', 'UTF8', 'iso-8859-1', 'none', 'text/json', 'gzipped'],
  ])('is not the response where Content-Encoding names no compression: "%s"', (encoding) => {
    const request = { body: '{"id":"1"}', headers: { 'content-encoding': encoding } };
    expect(readFields(request)).toEqual({ id: '1' });
    expect(readFields({ ...form('id=1'), headers: request.headers })).toEqual({ id: '1' });
  });
});

test.each([
  ['another media type', { body: '{}', contentType: 'application/xml' }, 'The Content-Type must be'],
  [
    'compression',
    { body: '{}', headers: { 'content-encoding': 'gzip' } },
    'The body must not be compressed: its Content-Encoding says it is.',
  ],
  ['its size', { body: 'x'.repeat(65_537) }, 'The body is larger than 64 KiB.'],
  ['bytes that are not UTF-8', { body: Buffer.of(0xff), base64: true }, 'The body is not UTF-8.'],
  ['other text', { body: '[]' }, 'The body is not a JSON object.'],
])('a body that is refused for %s gets a sentence that says so', (_why, request, sentence) => {
  expect(() => readFields(request)).toThrow(sentence);
});

describe('the order of checks', () => {
  const XML = { contentType: 'application/xml' };
  const GZIP = { base64: true, headers: { 'content-encoding': 'gzip' } };

  test.each([
    ['the size comes before emptiness', { body: ' '.repeat(65_537) }, 'body_too_large'],
    ['the size comes before the media type', { ...XML, body: 'x'.repeat(65_537) }, 'body_too_large'],
    ['the media type comes before UTF-8', { ...XML, body: Buffer.of(0xff) }, 'unsupported_media_type'],
    ['the media type comes before JSON', { ...XML, body: '{' }, 'unsupported_media_type'],
    ['the encoding comes before UTF-8', { ...GZIP, body: Buffer.of(0xff) }, 'unsupported_media_type'],
    ['the encoding comes before JSON', { ...GZIP, body: '{' }, 'unsupported_media_type'],
  ])('%s', (_rule, request, code) => {
    expect(findCode(request)).toBe(code);
  });
});
