import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_TYPES, FIELDS, type Field } from '../../../lambda/domain/connection.ts';
import { MalformedBodyError } from '../../../lambda/http/errors.ts';
import { reduceJson } from '../../../lambda/http/json.ts';

const parse = (text: string): unknown => JSON.parse(reduceJson(text));

describe('names', () => {
  test.each([
    ...['terminal_id', 'Terminal_Id', 'TERMINAL_ID', 'tErMiNaL_iD'],
    ...['\\u0074erminal_id', '\\u0054ERMINAL\\u005fID'],
  ])('match in any case, and however they are escaped: %s', (name) => {
    expect(parse(`{"${name}":"T-1"}`)).toEqual({ terminal_id: 'T-1' });
  });

  test.each([
    ...['TerminalId', 'terminalid', 'terminal_id ', 'terminal__id', 'termınal_id'],
    ...['', 'toString', '__proto__'],
  ])('count their underscores and letters: "%s" is unknown, and ignored', (name) => {
    expect(parse(`{${JSON.stringify(name)}:"x"}`)).toEqual({});
  });

  test.each([
    ['the same', '{"message":"1","message":"2"}', '2'],
    ['another case', '{"message":"1","MESSAGE":"2"}', '2'],
    ['the first spelling in between', '{"MESSAGE":"1","message":"2","Message":"3","MESSAGE":"4"}', '4'],
    ['escaped', '{"message":"1","\\u006dessage":"2"}', '2'],
    ['not null', '{"message":null,"Message":"2"}', '2'],
    ['of another type', '{"message":"1","Message":[]}', []],
  ])('that are equal in any case: the last wins (%s)', (_case, text, value) => {
    expect(parse(text)).toEqual({ message: value });
  });

  test('within a value are not the names of the record', () => {
    expect(parse('{"x":{"id":"1"},"y":[{"id":"2"}],"message":{"id":"3"}}')).toEqual({
      message: {},
    });
    expect(parse('{"x":"\\",\\"id\\":\\"1"}')).toEqual({});
  });
});

describe('a number', () => {
  test.each([['123456789012345678901234567890'], ['-0'], ['1.50'], ['-12.5e+10'], ['1e999']])(
    'is taken digit for digit where a string is due: %s',
    (digits) => {
      for (const field of FIELDS.filter((name) => FIELD_TYPES[name] === 'string')) {
        expect(parse(`{"${field}" : ${digits} }`)).toEqual({ [field]: digits });
      }
    },
  );
});

describe('a text that is not a JSON object of RFC 8259 is refused', () => {
  test.each([
    ['nothing', ''],
    ['a comment', '{/* */"id":"1"}'],
    ['single quotes', "{'id':'1'}"],
    ['a bare name', '{id:"1"}'],
    ['a trailing comma', '{"id":"1",}'],
    ['a raw line feed in a string', '{"message":"a\nb"}'],
    ['text behind the object', '{"id":"1"} x'],
    ['a NUL in front of it', '\0{"id":"1"}'],
    ['a string that does not end', '{"id":"1'],
    ['an unknown escape', '{"id":"\\x31"}'],
    ['NaN', '{"message":NaN}'],
    ['True', '{"success":True}'],
    ['a hexadecimal number', '{"message":0x1F}'],
    ['a no-break space between tokens', '{\u00a0"id":"1"}'],
  ])('%s', (_what, text) => {
    expect(() => parse(text)).toThrow(MalformedBodyError);
  });

  test.each([['null'], ['true'], ['5'], ['"text"'], ['[]'], ['[{"id":"1"}]']])(
    'a JSON value that is not an object: %s',
    (text) => {
      expect(() => parse(text)).toThrow(MalformedBodyError);
    },
  );
});

describe('a JSON object of RFC 8259 is read', () => {
  test.each([
    ['an object without fields', '{}', {}],
    ['whitespace between tokens', ' \t\r\n{ \n"id"\t:\r"1" , "message" : "2" } ', { id: '1', message: '2' }],
    [
      'every escape',
      '{"message":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00f1\\ud83d\\ude00"}',
      { message: '"\\/\b\f\n\r\tñ😀' },
    ],
    ['structure within a string', '{"message":"}],:{[\\"","id":"1"}', { message: '}],:{["', id: '1' }],
    ['backslashes at the end of a string', '{"message":"\\\\","id":"1"}', { message: '\\', id: '1' }],
    ['line separators in a string', '{"message":"\u2028\u2029"}', { message: '\u2028\u2029' }],
    ['no-break spaces in a string', '{"message":"\u00a0x\ufeff"}', { message: '\u00a0x\ufeff' }],
    ['half a surrogate pair, escaped', '{"message":"\\ud800"}', { message: '\ud800' }],
    ['empty names and values', '{"":"","id":"","x":{},"y":[]}', { id: '' }],
    ['words', '{"id":"1","success":true,"message":null}', { id: '1', success: true, message: null }],
    ['an equal name, of which the last counts', '{"id":"1","id":"2"}', { id: '2' }],
  ])('%s', (_what, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"id":', '}]'],
  ])('%s that nest as deep as 64 KiB allow', (_what, opening, closing) => {
    const levels = Math.floor((65_536 - 40) / (opening.length + closing.length));
    const deep = opening.repeat(levels) + (opening.endsWith(':') ? '1' : '') + closing.repeat(levels);
    expect(parse(`{"unknown":${deep},"id":"1"}`)).toEqual({ id: '1' });
    expect(parse(`{"message":${deep},"id":"1"}`)).toEqual({
      message: opening.startsWith('[') ? [] : {},
      id: '1',
    });
  });
});

describe('any JSON', () => {
  const whitespace = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 2 });
  const anyCase = (name: string) =>
    fc
      .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
      .map((upper) => [...name].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join(''));
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<string>(...FIELDS).chain(anyCase) },
    { weight: 1, arbitrary: fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }) },
  );
  const members = fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 3 }), whitespace, whitespace), {
    maxLength: 12,
  });

  test('gives each field of the record its last value, a number as a string where one is due, nothing nested', () => {
    fc.assert(
      fc.property(members, (listed) => {
        const text = listed.map(
          ([key, value, before, behind]) =>
            `${before}${JSON.stringify(key)}${behind}:${before}${JSON.stringify(value, null, behind)}${behind}`,
        );
        const expected: Record<string, unknown> = {};
        for (const [key, value] of listed) {
          const field = key.toLowerCase() as Field;
          if (!FIELDS.includes(field)) continue;
          if (typeof value === 'object' && value !== null) expected[field] = Array.isArray(value) ? [] : {};
          else if (typeof value === 'number' && FIELD_TYPES[field] === 'string')
            expected[field] = JSON.stringify(value);
          else expected[field] = JSON.parse(JSON.stringify(value));
        }
        expect(parse(`{${text.join(',')}}`)).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('any other text is refused: what JSON.parse refuses, and what is not an object', () => {
    const pieces = ['{', '}', '[', ']', ':', ',', '"', '\\', '\\u00', 'id', '"id"', '"message"'];
    const piece = fc.constantFrom(...pieces, '1', '-', 'null', ' ', '\n', '\0');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        (text) => {
          for (const candidate of [text, `{${text}}`, `{"id":${text}}`, `{"message":"${text}"}`]) {
            let value: unknown;
            try {
              value = JSON.parse(candidate);
            } catch {
              value = undefined;
            }
            const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
            if (isObject) expect(() => parse(candidate)).not.toThrow();
            else expect(() => parse(candidate)).toThrow(MalformedBodyError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
