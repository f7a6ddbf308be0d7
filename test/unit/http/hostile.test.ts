import { expect, test } from 'vitest';
import { LogoutError } from '../../../lambda/domain/errors.ts';
import { negotiateResponseType, parseRequestType } from '../../../lambda/http/media-type.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';
import { form, ID, readEvent } from './chain.ts';

const LARGEST = 65_536;

/** What is quadratic takes many seconds of CPU at 64 KiB, what is not a few milliseconds. */
const LIMIT_MS = 1_000;

function measureCpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
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
  ['whitespace and NULs in turns, and a letter', { body: filled('', ' \0', 'x') }],
  ['quotes', { body: '"'.repeat(LARGEST) }],
  ['backslashes', { body: '\\'.repeat(LARGEST) }],
  ['opening brackets', { body: '['.repeat(LARGEST) }],
  ['escaped quotes in a string', { body: inString('\\"') }],
  ['whitespace for a string', { body: inString(' ') }],
  ['whitespace for a GUID', { body: inString(' ', 'id_user') }],
  ['whitespace for a date', { body: inString(' ', 'date_logout') }],
  ['digits of a fraction', { body: filled(`{"id":"${ID}","date_logout":"2026-05-09T17:00:00.`, '0', '"}') }],
  ['digits for milliseconds', { body: filled(`{"id":"${ID}","date_logout":"/Date(`, '9', ')/"}') }],
  ['whitespace before a boolean', { body: filled(`{"id":"${ID}","success":"`, ' ', 'truex"}') }],
  ['a number for a string', { body: filled(`{"id":"${ID}","message":`, '9', '}') }],
  ['nested objects', { body: `{"id":"${ID}","x":${'{"":'.repeat(13_000)}1${'}'.repeat(13_000)}}` }],
  ['one name, repeated', { body: inObject(',"message":"x"') }],
  ['one short unknown name, repeated', { body: inObject(',"":0') }],
  ['commas within a list', { body: filled(`{"id":"${ID}","x":[0`, ',0', ']}') }],
  ['percent signs in a form', inForm('%')],
  ['escapes of bytes that are not UTF-8 in a form', inForm('%ff')],
  ['percent signs and text that is not escaped in a form', inForm('%€')],
  ['ampersands', form('&'.repeat(LARGEST))],
  ['one name, repeated in a form', form(filled('', 'message=x&', ''))],
  ['brackets behind a name in a form', form(filled(`id=${ID}&`, '[]', 'x=1'))],
  ['brackets at the end of a name in a form', form(filled(`id=${ID}&message`, '[]', '=1'))],
  ['ones for a date that was never set', inForm('1', 'date_login')],
];

test.each(BODIES)('64 KiB of %s take little CPU', (_what, request) => {
  const event = putEvent(request);
  const readOrRefuse = () => {
    try {
      readEvent(event);
    } catch (error) {
      expect(error).toBeInstanceOf(LogoutError);
    }
  };
  expect(measureCpuMs(readOrRefuse)).toBeLessThan(LIMIT_MS);
});

test.each([',', ';', '"', ' ', '*/*,', 'a/b;c="', ';q=', ';charset=', ';charset="\\', '; charset'])(
  'a header of 64 KiB of "%s" takes little CPU',
  (piece) => {
    const header = piece.repeat(LARGEST / piece.length);
    const readHeader = () => {
      negotiateResponseType(header, header);
      negotiateResponseType(`application/json${header}x`, `application/json${header}x`);
      parseRequestType(`${header}application/json`);
    };
    expect(measureCpuMs(readHeader)).toBeLessThan(LIMIT_MS);
  },
);
