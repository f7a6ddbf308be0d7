import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldsOf, form } from './chain.ts';

describe('a body of JSON', () => {
  test.each([
    ['application/json'],
    ['text/json'],
    ['Text/JSON; charset=utf-16'],
    ['application/json ; odata=verbose'],
  ])('is read alike as %s', async (contentType) => {
    const body = '{"Terminal_Id":123456789012345678901234567890,"success":true,"unknown":{"id":1}}';
    expect(await fieldsOf({ contentType, body })).toEqual({
      terminal_id: '123456789012345678901234567890',
      success: true,
    });
  });

  test('may have a byte order mark in front, and blanks and NULs behind', async () => {
    expect(await fieldsOf({ body: '\uFEFF {"message":"x"}\r\n\0\0 ' })).toEqual({ message: 'x' });
  });

  test.each([['{"id":'], ['null'], ['[]'], ['5'], ['"text"'], ['{"id":"1"}x'], ['id=1'], ['<a/>']])(
    'that is no JSON object is malformed_body: %s',
    async (body) => {
      for (const contentType of ['application/json', 'text/json']) {
        await expect(fieldsOf({ contentType, body })).rejects.toMatchObject({ code: 'malformed_body' });
      }
    },
  );

  test('in UTF-16 is malformed_body', async () => {
    const body = Buffer.from('{"id":"1"}', 'utf16le');
    await expect(fieldsOf({ body, base64: true })).rejects.toMatchObject({ code: 'malformed_body' });
    await expect(fieldsOf({ body, base64: false })).rejects.toMatchObject({ code: 'malformed_body' });
  });
});

describe('a form', () => {
  test.each([
    ['names and values', 'id=1&message=x', { id: '1', message: 'x' }],
    ['names in any case', 'ID=1&Message=x', { id: '1', message: 'x' }],
    ['escaped names', '%69d=1&terminal%5Fid=2', { id: '1', terminal_id: '2' }],
    ['unknown names, ignored', 'foo=1&cmd[id]=2&terminalid=3&id=4&__proto__=5&toString=6', { id: '4' }],
    ['of equal names the first', 'message=1&message=2', { message: '1' }],
    ['of equal names in any case the first', 'Message=1&message=2&MESSAGE=3', { message: '1' }],
    ['an earlier spelling again', 'message=1&MESSAGE=2&message=3', { message: '1' }],
    ['the first, although it is empty', 'message=&message=2', { message: '' }],
    ['a name without a value', 'message&id=1', { message: '', id: '1' }],
    ['an equals sign in a value', 'message=a=b', { message: 'a=b' }],
    ['empty parts', '&&id=1&&&message=x&', { id: '1', message: 'x' }],
    ['a question mark in front is part of the name', '?id=1&message=x', { message: 'x' }],
    ['a plus is a blank', 'message=a+b', { message: 'a b' }],
    [
      'an escaped plus is a plus',
      'date_logout=2026-05-09T17%3A00%3A00%2B02%3A00',
      { date_logout: '2026-05-09T17:00:00+02:00' },
    ],
    ['a semicolon separates nothing', 'message=a;id=1', { message: 'a;id=1' }],
    ['escapes in small letters', 'message=%c3%b1', { message: 'ñ' }],
    ['escapes in capital letters', 'message=%C3%B1%F0%9F%98%80', { message: 'ñ😀' }],
    ['an escaped NUL, line feed, ampersand', 'message=%00%0A%26id%3D2', { message: '\0\n&id=2' }],
    ['text that is not escaped', 'message=ñ €😀', { message: 'ñ €😀' }],
    ['numbers and words, all strings', 'success=1&message=null', { success: '1', message: 'null' }],
    ['an escaped byte order mark within is text', 'message=%EF%BB%BFx', { message: '\uFEFFx' }],
    ['nothing but an ampersand', '&', {}],
  ])('holds %s', async (_what, body, expected) => {
    expect(await fieldsOf(form(body))).toEqual(expected);
  });

  test.each([
    ['alone', '%', '%'],
    ['at the end', '100%', '100%'],
    ['before one digit', '%4', '%4'],
    ['before no digits', '%zz', '%zz'],
    ['before one digit and a letter', '%4g', '%4g'],
    ['before another', '%%41', '%A'],
    ['before a plus', '5%+off', '5% off'],
    ['next to an escape', '%zz%C3%B1', '%zzñ'],
    ['next to text that is not escaped', '50% ñ €😀', '50% ñ €😀'],
    ['before text that is not escaped', '%ñ', '%ñ'],
    ['next to an escape and text that is not escaped', '5%25 or 5% €', '5% or 5% €'],
  ])('in which a percent sign starts no escape has a percent sign: %s', async (_case, sent, value) => {
    expect(await fieldsOf(form(`message=${sent}`))).toEqual({ message: value });
  });

  test.each([
    ['a Latin-1 letter', '%E9', '\uFFFD'],
    ['a letter that is cut off', '%E2%82', '\uFFFD'],
    ['a letter that is cut off by another', '%E2%82A', '\uFFFDA'],
    ['half a surrogate pair', '%ED%A0%80', '\uFFFD\uFFFD\uFFFD'],
    ['a bare continuation', 'a%80b', 'a\uFFFDb'],
    ['next to text that is not escaped', 'ñ%E9€', 'ñ\uFFFD€'],
    ['next to escapes that are', '%C3%B1%E9', 'ñ\uFFFD'],
  ])('has U+FFFD for escaped bytes that are not UTF-8: %s', async (_case, sent, value) => {
    expect(await fieldsOf(form(`message=${sent}`))).toEqual({ message: value });
  });

  test('may have a byte order mark in front, and blanks and NULs behind', async () => {
    expect(await fieldsOf(form('\uFEFFid=1&message= x \0\r\n'))).toEqual({ id: '1', message: ' x' });
  });

  test('whose bytes are not UTF-8 is malformed_body', async () => {
    const body = Buffer.from('message=\xe9', 'latin1');
    await expect(fieldsOf(form(body))).rejects.toMatchObject({ code: 'malformed_body' });
  });

  test('holds any text, be it escaped or sent as it is', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '%', '%4', '%41', 'ñ', '€', '😀', '+', '=', '%C3%B1', '%E9'),
    });
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (value, isEscaped) => {
        const { message } = await fieldsOf(
          form(`message=${isEscaped ? encodeURIComponent(value) : value}&id=1`),
        );
        expect(message).toBe(isEscaped ? value : asTheContractSays(value));
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['application/json'],
  ['text/json'],
  ['application/x-www-form-urlencoded'],
  ['application/xml'],
  [null],
])(
  'a body of which nothing is left is an object without fields, whatever its media type: %s',
  async (contentType) => {
    expect(await fieldsOf({ contentType })).toEqual({});
    expect(await fieldsOf({ contentType, body: '\uFEFF \0' })).toEqual({});
  },
);

/** Byte by byte: an escape is a byte, all else is itself, and the bytes are UTF-8 as far as they are. */
function asTheContractSays(value: string): string {
  const bytes: Buffer[] = [];
  for (const [piece] of value.matchAll(/%[0-9a-f]{2}|./gisu)) {
    if (piece === '+') bytes.push(Buffer.from(' '));
    else bytes.push(piece.length === 3 ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece));
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(bytes));
}
