import { describe, expect, test } from 'vitest';
import { readBody } from '../../../lambda/http/read-body.ts';
import type { PutRequest } from '../../support/events.ts';
import { fieldsOf, form } from './chain.ts';

/** How each media type writes one field. */
const BODIES: readonly [string, (message: string) => string][] = [
  ['application/json', (message) => `{"message":"${message}"}`],
  ['text/json', (message) => `{"message":"${message}"}`],
  ['application/x-www-form-urlencoded', (message) => `message=${message}`],
];

const codeOf = (request: PutRequest): Promise<unknown> =>
  fieldsOf(request).then(
    () => undefined,
    (error) => error.code,
  );

describe.each(BODIES)('a body of %s', (contentType, write) => {
  test('gives its fields', async () => {
    expect(await fieldsOf({ contentType, body: write('ñ€😀') })).toEqual({ message: 'ñ€😀' });
  });

  test('is UTF-8 whatever charset says', async () => {
    const type = `${contentType}; charset=utf-16`;
    expect(await fieldsOf({ contentType: type, body: write('ñ') })).toEqual({ message: 'ñ' });
  });

  test.each([[true], [false]])('is read alike with base64: %s', async (base64) => {
    expect(await fieldsOf({ contentType, body: write('é'), base64 })).toEqual({ message: 'é' });
  });

  test('may have one byte order mark in front, and whitespace and NULs behind', async () => {
    const body = `\uFEFF${write('\uFEFFx')} \0 \r\n\t\0\0 `;
    expect(await fieldsOf({ contentType, body })).toEqual({ message: '\uFEFFx' });
  });

  test.each([
    ['a Latin-1 letter', [0xe9]],
    ['a sequence that ends too early', [0xe2, 0x82]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0xaf]],
  ])('with bytes that are not UTF-8 is malformed_body: %s', async (_case, bytes) => {
    const [start = '', end = ''] = write('|').split('|');
    const body = Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(end)]);
    expect(await codeOf({ contentType, body, base64: true })).toBe('malformed_body');
    // The gateway has put U+FFFD in their place.
    expect(await codeOf({ contentType, body, base64: false })).toBeUndefined();
  });
});

test.each([true, false])(
  'a body of 64 KiB is read, and one of a byte more is body_too_large (base64: %s)',
  async (base64) => {
    const filled = (bytes: number) => `{"message":"€${'x'.repeat(bytes - 17)}"}`;
    expect(Buffer.byteLength(filled(65_536))).toBe(65_536);
    expect(await codeOf({ base64, body: filled(65_536) })).toBeUndefined();
    expect(await codeOf({ base64, body: filled(65_537) })).toBe('body_too_large');
  },
);

test.each([true, false])('a body in UTF-16 is malformed_body (base64: %s)', async (base64) => {
  expect(await codeOf({ body: Buffer.from('{"id":"1"}', 'utf16le'), base64 })).toBe('malformed_body');
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
  ])('holds %s', async (_what, body, expected) => {
    expect(await fieldsOf(form(body))).toEqual(expected);
  });

  test.each([
    ['alone', '%', '%'],
    ['at the end', '100%', '100%'],
    ['before no digits', '%zz', '%zz'],
    ['before another', '%%41', '%A'],
    ['before a plus', '5%+off', '5% off'],
    ['next to text that is not escaped', '50% ñ €😀', '50% ñ €😀'],
    ['next to an escape and text that is not escaped', '5%25 or 5% €', '5% or 5% €'],
  ])('in which a percent sign starts no escape has a percent sign: %s', async (_case, sent, value) => {
    expect(await fieldsOf(form(`message=${sent}`))).toEqual({ message: value });
  });

  test.each([
    ['a Latin-1 letter', '%E9', '\uFFFD'],
    ['a letter that is cut off by another', '%E2%82A', '\uFFFDA'],
    ['half a surrogate pair', '%ED%A0%80', '\uFFFD\uFFFD\uFFFD'],
    ['a bare continuation', 'a%80b', 'a\uFFFDb'],
    ['next to text that is not escaped', 'ñ%E9€', 'ñ\uFFFD€'],
  ])('has U+FFFD for escaped bytes that are not UTF-8: %s', async (_case, sent, value) => {
    expect(await fieldsOf(form(`message=${sent}`))).toEqual({ message: value });
  });
});

describe('a body that is empty once whitespace and NULs are removed', () => {
  const types = [...BODIES.map(([type]) => type), 'application/xml', null];

  test.each(types)('is an object without fields, whatever its media type: %s', async (contentType) => {
    for (const body of [undefined, ' ', '\0', '\uFEFF', '\uFEFF \0\r\n\t\0 ']) {
      expect(await fieldsOf({ contentType, body })).toEqual({});
    }
  });

  test('may say that it is compressed', async () => {
    expect(await fieldsOf({ body: ' ', headers: { 'content-encoding': 'gzip' } })).toEqual({});
  });

  test.each([[null], [5], [true], [{}], [['x']], [undefined]])(
    'is one that the gateway cannot have sent: %j',
    (body) => {
      const request = { event: { body, headers: { 'content-type': 'application/json' } } };
      readBody().before?.(request as never);
      expect(request.event.body).toBe('{}');
    },
  );
});

describe('unsupported_media_type', () => {
  test.each([['application/xml'], ['multipart/form-data; boundary=x'], [''], [null]])(
    'is the answer to a body of another media type: %s',
    async (contentType) => {
      expect(await codeOf({ contentType, body: '{}' })).toBe('unsupported_media_type');
    },
  );

  test.each([['gzip'], ['GZIP'], ['identity, gzip'], ['x']])(
    'is the answer to a body with Content-Encoding: %s',
    async (encoding) => {
      expect(await codeOf({ body: '{}', headers: { 'content-encoding': encoding } })).toBe(
        'unsupported_media_type',
      );
    },
  );

  test.each([['identity'], ['Identity'], [' identity '], ['identity, identity'], ['']])(
    'is not the answer to a body with Content-Encoding: "%s"',
    async (encoding) => {
      expect(await fieldsOf({ body: '{"id":"1"}', headers: { 'content-encoding': encoding } })).toEqual({
        id: '1',
      });
    },
  );
});

test.each([
  ['another media type', { body: '{}', contentType: 'application/xml' }, 'The Content-Type must be'],
  [
    'compression',
    { body: '{}', headers: { 'content-encoding': 'gzip' } },
    'Content-Encoding must be identity',
  ],
  ['its size', { body: 'x'.repeat(65_537) }, 'The body is larger than 64 KiB.'],
  ['bytes that are not UTF-8', { body: Buffer.of(0xff), base64: true }, 'The body is not UTF-8.'],
  ['other text', { body: '[]' }, 'The body is not a JSON object.'],
])('a body that is refused for %s gets a sentence that says so', async (_why, request, sentence) => {
  await expect(fieldsOf(request)).rejects.toThrow(sentence);
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
  ])('%s', async (_rule, request, code) => {
    expect(await codeOf(request)).toBe(code);
  });
});
