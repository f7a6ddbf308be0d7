import { describe, expect, test } from 'vitest';
import { answerType, requestType } from '../../../lambda/http/media-type.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';
import { form, ID, readEvent } from './chain.ts';

const LARGEST = 65_536;

/** What is quadratic takes many seconds of CPU at 64 KiB, what is not a few milliseconds. */
const LIMIT_MS = 1_000;

async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Text of exactly 64 KiB: a start, as many of the piece as fit, padding, an end. */
function filled(start: string, piece: string, end: string): string {
  const room = LARGEST - Buffer.byteLength(start + end);
  const count = Math.floor(room / Buffer.byteLength(piece));
  return start + piece.repeat(count) + ' '.repeat(room - count * Buffer.byteLength(piece)) + end;
}

const inString = (piece: string, field = 'message') => filled(`{"id":"${ID}","${field}":"`, piece, '"}');
const inObject = (piece: string) => filled(`{"id":"${ID}"`, piece, '}');
const inForm = (piece: string, field = 'message') => form(filled(`id=${ID}&${field}=`, piece, 'x'));

const BODIES: readonly [string, PutRequest][] = [
  ['whitespace', { body: ' '.repeat(LARGEST) }],
  ['NULs', { body: '\0'.repeat(LARGEST) }],
  ['whitespace and NULs in turns, and a letter', { body: filled('', ' \0', 'x') }],
  ['whitespace behind an object', { body: filled(`{"id":"${ID}"}`, ' ', '') }],
  ['whitespace in front of an object', { body: filled('', ' ', `{"id":"${ID}"}`) }],
  ['quotes', { body: '"'.repeat(LARGEST) }],
  ['backslashes', { body: '\\'.repeat(LARGEST) }],
  ['opening brackets', { body: '['.repeat(LARGEST) }],
  ['opening braces', { body: '{'.repeat(LARGEST) }],
  ['objects that never end', { body: filled('', '{"a":', '') }],
  ['digits', { body: '9'.repeat(LARGEST) }],
  ['dashes', { body: '-'.repeat(LARGEST) }],
  ['escaped quotes in a string', { body: inString('\\"') }],
  ['escaped backslashes in a string', { body: inString('\\\\') }],
  ['escapes of half a surrogate pair', { body: inString('\\ud800') }],
  ['emoji', { body: inString('😀') }],
  ['whitespace for a string', { body: inString(' ') }],
  ['whitespace for a GUID', { body: inString(' ', 'id_user') }],
  ['digits for a GUID', { body: inString('0', 'id_user') }],
  ['dashes for a GUID', { body: inString('-', 'id_user') }],
  ['braces for a GUID', { body: inString('{', 'id_user') }],
  ['whitespace for a date', { body: inString(' ', 'date_logout') }],
  ['digits for a date', { body: inString('9', 'date_logout') }],
  ['digits of a fraction', { body: filled(`{"id":"${ID}","date_logout":"2026-05-09T17:00:00.`, '0', '"}') }],
  ['digits for milliseconds', { body: filled(`{"id":"${ID}","date_logout":"/Date(`, '9', ')/"}') }],
  ['whitespace for a boolean', { body: inString(' ', 'success') }],
  [
    'whitespace between whitespace and a boolean',
    { body: filled(`{"id":"${ID}","success":"`, ' ', 'truex"}') },
  ],
  ['a number for a string', { body: filled(`{"id":"${ID}","message":`, '9', '}') }],
  [
    'nested lists',
    { body: filled(`{"id":"${ID}","x":${'['.repeat(32_000)}`, ' ', `${']'.repeat(32_000)}}`) },
  ],
  ['nested objects', { body: `{"id":"${ID}","x":${'{"":'.repeat(13_000)}1${'}'.repeat(13_000)}}` }],
  ['one name, repeated', { body: inObject(',"message":"x"') }],
  ['one name, repeated with an empty list', { body: inObject(',"message":[]') }],
  ['one short unknown name, repeated', { body: inObject(',"":0') }],
  ['escaped names', { body: inObject(',"\\u0069\\u0064":""') }],
  ['commas within a list', { body: filled(`{"id":"${ID}","x":[0`, ',0', ']}') }],
  ['names of prototypes', { body: inObject(',"__proto__":{}') }],
  ['percent signs in a form', inForm('%')],
  ['escapes of bytes that are not UTF-8 in a form', inForm('%ff')],
  ['escapes that are cut off in a form', inForm('%4')],
  ['percent signs and text that is not escaped in a form', inForm('%€')],
  ['pluses in a form', inForm('+')],
  ['ampersands', form('&'.repeat(LARGEST))],
  ['equals signs', form('='.repeat(LARGEST))],
  ['question marks', form('?'.repeat(LARGEST))],
  ['one name, repeated in a form', form(filled('', 'message=x&', ''))],
  ['short names in a form', form(filled('', 'a&', ''))],
  ['escaped names in a form', form(filled('', '%69%64=&', ''))],
  ['whitespace for a date in a form', inForm('+', 'date_logout')],
];

describe('64 KiB of the worst take little CPU', () => {
  test.each(BODIES)('%s', async (_what, request) => {
    const event = putEvent(request);
    expect(await cpuMs(() => readEvent(event).catch(() => undefined))).toBeLessThan(LIMIT_MS);
  });

  const headers = [
    ',',
    ';',
    '"',
    '\\',
    ' ',
    '/',
    '*',
    '=',
    '*/*,',
    'text/json;q=0,',
    'a/b;c="',
    ';q=',
    'application/json ;',
    ';charset=',
    ';charset="',
    ';charset="\\',
    '; charset',
  ];

  test.each(headers)('a header of "%s"', async (piece) => {
    const header = piece.repeat(LARGEST / piece.length);
    const readHeader = () => {
      answerType(header, header);
      answerType(`application/json${header}x`, `application/json${header}x`);
      requestType(`${header}application/json`);
    };
    expect(await cpuMs(readHeader)).toBeLessThan(LIMIT_MS);
  });
});
