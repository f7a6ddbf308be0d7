import { describe, expect, test } from 'vitest';
import {
  createDateTime,
  isUnsetDate,
  parseDateTime,
  secondsBetween,
} from '../../../lambda/domain/date-time.ts';
import { findTimeZone, type TimeZone } from '../../../lambda/domain/time-zone.ts';

const MADRID = findTimeZone('Europe/Madrid');

const split = (list: string) =>
  list
    .split(/ \| |\n/)
    .map((text) => text.trim())
    .filter(Boolean);

/** How a date is stored and returned. */
const stored = (text: string, zone: TimeZone = MADRID) => parseDateTime(text, zone)?.text;

test('a date with an offset is an instant, and is stored with the offset that was sent', () => {
  const text = '2026-05-09T17:00:00.4752389+02:00';
  expect(parseDateTime(text, MADRID)).toEqual({ text, ticks: 17_783_388_004_752_389n, hasOffset: true });
});

describe('a date with an offset is stored in one form', () => {
  test.each([
    ['2026-05-09 17:00:00+02:00', '2026-05-09T17:00:00+02:00'],
    ['2026-05-09T17:00:00z', '2026-05-09T17:00:00Z'],
    ['2026-05-09T17:00:00+0530', '2026-05-09T17:00:00+05:30'],
    ['2026-05-09T17:00:00-03', '2026-05-09T17:00:00-03:00'],
    ['2026-05-09T17:00:00+14:00', '2026-05-09T17:00:00+14:00'],
    ['2026-05-09T17:00:00+00:00', '2026-05-09T17:00:00+00:00'],
    ['2026-05-09T17:00:00-0000', '2026-05-09T17:00:00-00:00'],
    [' \t2026-05-09T17:00:00Z\n', '2026-05-09T17:00:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['0099-03-01T00:00:00Z', '0099-03-01T00:00:00Z'],
    ['0002-01-01T00:00:00Z', '0002-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.9999999Z'],
  ])('%s as %s', (sent, expected) => {
    expect(stored(sent)).toBe(expected);
  });

  test.each([
    ['.10', '.1'],
    ['.0000000', ''],
    ['.123456789', '.1234567'],
    ['.000000099', ''],
    ['.999999999', '.9999999'],
  ])('the fraction %s as "%s": seven digits, without trailing zeros', (sent, expected) => {
    expect(stored(`2026-05-09T17:00:00${sent}+02:00`)).toBe(`2026-05-09T17:00:00${expected}+02:00`);
  });
});

describe('a date in ASP.NET form is an instant in UTC, stored with Z', () => {
  test.each([
    ['/Date(1778338800000)/', '2026-05-09T15:00:00Z'],
    ['/Date(1778338800000+0200)/', '2026-05-09T15:00:00Z'],
    ['/Date(0)/', '1970-01-01T00:00:00Z'],
    ['/Date(000000000000000001000)/', '1970-01-01T00:00:01Z'],
    ['/Date(-1001)/', '1969-12-31T23:59:58.999Z'],
    [' /Date(0)/ ', '1970-01-01T00:00:00Z'],
    ['/Date(-62104060800000)/', '0002-01-01T00:00:00Z'],
    ['/Date(253402300799999)/', '9999-12-31T23:59:59.999Z'],
  ])('%s is stored as %s', (text, expected) => {
    expect(parseDateTime(text, MADRID)).toEqual(parseDateTime(expected, MADRID));
    expect(stored(text)).toBe(expected);
  });
});

describe('a date without an offset is wall-clock time in TIME_ZONE, and is stored with its offset', () => {
  test.each([
    ['Europe/Madrid', '2026-05-09T17:00:00', '2026-05-09T17:00:00+02:00'],
    ['Europe/Madrid', '2026-05-09', '2026-05-09T00:00:00+02:00'],
    ['UTC', '2026-05-09T17:00:00', '2026-05-09T17:00:00Z'],
    ['Europe/London', '2026-01-09T17:00:00', '2026-01-09T17:00:00Z'],
    ['America/St_Johns', '2026-01-09T17:00:00', '2026-01-09T17:00:00-03:30'],
    ['Pacific/Kiritimati', '2026-05-09T17:00:00', '2026-05-09T17:00:00+14:00'],
  ])('in %s %s is stored as %s', (zone, text, expected) => {
    expect(stored(text, findTimeZone(zone))).toBe(expected);
  });

  test.each([
    ['down', 'Europe/Madrid', '1900-01-01T00:00:00-00:15'],
    ['up', 'Europe/Paris', '1900-01-01T00:00:00+00:09'],
    ['from half a minute', 'Africa/Monrovia', '1950-01-01T00:00:00-00:45'],
  ])('the seconds of an old offset are rounded %s: %s', (_direction, zone, expected) => {
    expect(stored(expected.slice(0, 19), findTimeZone(zone))).toBe(expected);
  });

  test('an hour that is skipped in spring has the offset from before the change', () => {
    expect(stored('2026-03-29T02:30:00')).toBe('2026-03-29T02:30:00+01:00');
  });
});

test.each([
  ['nothing', ''],
  ['a word', 'yesterday'],
  ['MM/dd/yyyy', '05/09/2026 17:00:00'],
  ['RFC 1123', 'Sat, 09 May 2026 15:00:00 GMT'],
  ['a basic ISO date', '20260509T170000Z'],
  ['a month only', '2026-05'],
  ['a month of one digit', '2026-5-09'],
  ['a year with a sign', '+002026-05-09'],
  ['29 February of another year', '2026-02-29'],
  ['24:00', '2026-05-09T24:00:00Z'],
  ['second 60', '2026-05-09T23:59:60Z'],
  ['an hour only', '2026-05-09T17'],
  ['an hour of one digit', '2026-05-09T7:00'],
  ['T and no time', '2026-05-09T'],
  ['two spaces in the middle', '2026-05-09  17:00:00'],
  ['no fraction behind a point', '2026-05-09T17:00:00.Z'],
  ['ten digits', '2026-05-09T17:00:00.1234567890Z'],
  ['a fraction of a minute', '2026-05-09T17:00.5Z'],
  ['an offset without a time', '2026-05-09Z'],
  ['an offset without a time, in numbers', '2026-05-09+02:00'],
  ['a space before the offset', '2026-05-09T17:00:00 +02:00'],
  ['an offset beyond 14:00', '2026-05-09T17:00:00+14:01'],
  ['an offset beyond -14:00', '2026-05-09T17:00:00-14:01'],
  ['minute 60 of an offset', '2026-05-09T17:00:00+01:60'],
  ['an offset of three digits', '2026-05-09T17:00:00+020'],
  ['the year 0000', '0000-05-09T17:00:00Z'],
  ['the year 0001 in UTC', '0002-01-01T00:59:59+01:00'],
  ['the year 0001 where it was sent', '0001-12-31T23:30:00-01:00'],
  ['the year 10000 in UTC', '9999-12-31T23:00:00-01:00'],
  ['the year 10000 in UTC, by the zone', '9999-12-31T23:59:59', 'America/New_York'],
  ['the year 0001 in UTC, by the zone', '0002-01-01T00:00:00', 'Asia/Tokyo'],
  ['/Date()/', '/Date()/'],
  ['/Date(ms) without its slashes', 'Date(1778338800000)'],
  ['/Date with text behind it', '/Date(1778338800000)/ or so'],
  ['/Date with text in front of it', 'on /Date(1778338800000)/'],
  ['/Date with spaces within', '/Date( 1778338800000 )/'],
  ['/Date with an offset in another form', '/Date(1778338800000+02:00)/'],
  ['/Date beyond the year 9999', '/Date(253402300800000)/'],
  ['/Date before the year 0001', '/Date(-62135596800001)/'],
  ['/Date beyond what a number holds', `/Date(${'9'.repeat(40)})/`],
])('%s is not a date: "%s"', (_what, text, zone = 'UTC') => {
  expect(parseDateTime(text, findTimeZone(zone))).toBeUndefined();
});

test.each([
  ...['0001-01-01T00:00:00', '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.9999999', ' 0001-01-01 00:00 '],
  ...['/Date(-62135596800000)/', '/Date(-62135578800000-0500)/', '/Date(-62104060800001)/'],
])('"%s" is a date that was never set: it is in the year 0001', (text) => {
  expect(isUnsetDate(text)).toBe(true);
});

test.each([
  ...['0002-01-01T00:00:00', '0001-02-30', '0001-01-01T24:00', '/Date(-62104060800000)/'],
  ...['yesterday', '', '2026-05-09T17:00:00Z', 'x0001-01-01'],
])('"%s" is not a date in the year 0001', (text) => {
  expect(isUnsetDate(text)).toBe(false);
});

describe(".NET's own text of a date that was never set", () => {
  // What DateTime.MinValue.ToString(format, culture) gives under Mono 6.8, or under .NET with the patterns of ICU.
  const UNSET = `
    01/01/0001 00:00:00 | 1/1/0001 12:00:00 AM | 01.01.0001 0:00:00 | 1/1/0001 | 01/01/0001 00:00 | 1/1/0001 12:00 AM
    1/1/0001 12:00:00\u202fAM | 01/01/0001 12:00:00 a.\u00a0m. | 1/1/0001 12:00:00 a.m. | 01-01-0001 00:00:00 | 1-1-0001
    0001/01/01 0:00:00 | 0001/1/1 上午 12:00:00 | 1/1/0001 上午12:00:00 | 0001-01-01 오전 12:00:00 | 0001. 1. 1. 오전 12:00:00
    0001. 01. 01. 0:00:00 | 1. 1. 0001 0:00:00 | 1. 01. 0001 00:00:00 | 1.1.0001. 0:00:00 | 01.01.0001. 00:00:00
    1.1.0001 г. 0:00:00 ч. | 1.1.0001 0.00.00 | 01.01.0001 00.00.00 | 1/1/0001 12:00:00 π.μ. | 1/1/0001 12:00:00 πμ
    01/01/0001 12:00:00 SA | 1/01/0001 12:00:00 PG | 0001-01-01 12:00:00 vm. | 1\u200f/1\u200f/0001 12:00:00 ص
    0001-01-01 00 h 00 min 00 s | 0001-1-1 0:00:00 | 01.1.0001 00:00:00 | 01/01/0001 00:00:00 +00:00
    1/1/0001 12:00:00 AM +00:00 | 0001-01-01 12:00:00 AM | 1.1.0001 12:00:00 e paradites | 01/01/0001 12:00:00 ጥዋት
    Mon, 01 Jan 0001 00:00:00 GMT | 01/01/0001 00:00:00.0000000 | 01/0001/01 | 1/1/0001, 12:00:00 AM`;

  test.each(split(UNSET))('is one that was never set: "%s"', (text) => {
    expect(isUnsetDate(text)).toBe(true);
    expect(isUnsetDate(`\t${text} `)).toBe(true);
  });

  const OTHERS = `
    05/09/2025 | 01/01/2001 00:00:00 | 01/01/01 | 1/1/1 | 01/01/1 | 01/01/001 | 01/01/00001 | 01-01-01 00:00:00 | 001/01/0001
    01/02/0001 | 02/01/0001 | 1/13/0001 | 11/1/0001 | 1/11/0001 | 0001/1/2 | 01.01-0001 | 01/01.0001 | 1 1 0001 | 0101/0001
    01/01/0001 12:00:00 | 1/1/0001 12:00:00 PM | 1/1/0001 12:00:00 p. m. | 0001/1/1 下午 12:00:00 | 1/1/0001 1:00:00 AM
    01/01/0001 00:00:01 | 01/01/0001 00:01:00 | 01/01/0001 01:00:00 | 01/01/0001 24:00:00 | 01/01/0001 00:00:00.1
    01/01/0001 00 | 01/01/000100:00:00 | 01/01/0001T00:00:00 | 01/01/0001 00:00:00 x | x 01/01/0001 | 01/01/0001 AM
    Tue, 01 Jan 0001 00:00:00 GMT | Mon, 01 Jan 0001 | Mon, 02 Jan 0001 00:00:00 GMT | 01/01/0001 00:00:00 +01:00
    1/1/0544 0:00:00 | 01//01//0001 | 01/01/0001/ | 1/1/0001 12:30:00 AM | 01/01/0001 00:00:00 AM AM`;

  test.each(split(OTHERS))('is not "%s"', (text) => {
    expect(isUnsetDate(text)).toBe(false);
    expect(parseDateTime(text, MADRID)).toBeUndefined();
  });
});

test.each([
  ['UTC', '2026-05-09T15:00:00.123Z'],
  ['America/St_Johns', '2026-05-09T12:30:00.123-02:30'],
])("the server's own stamp is in the zone of the service: %s", (zone, expected) => {
  expect(createDateTime(Date.UTC(2026, 4, 9, 15, 0, 0, 123), findTimeZone(zone)).text).toBe(expected);
});

test('an hour that occurs once is itself, although it lies before the given moment', () => {
  const notBefore = parseDateTime('2026-05-09T12:00:00', MADRID);
  expect(parseDateTime('2026-05-09T10:00:00', MADRID, notBefore)?.text).toBe('2026-05-09T10:00:00+02:00');
});

describe('an hour that occurs twice', () => {
  const read = (text: string, login: string) =>
    parseDateTime(text, MADRID, parseDateTime(login, MADRID))?.text;

  test('is the second where the first lies before the given moment', () => {
    expect(read('2026-10-25T02:10:00', '2026-10-25T02:50:00+02:00')).toBe('2026-10-25T02:10:00+01:00');
  });

  test.each([
    ['the first lies at the given moment', '2026-10-25T02:10:00+02:00'],
    ['both lie before the given moment', '2026-10-25T02:10:00.0000001+01:00'],
    ['no moment is given', ''],
  ])('is the first where %s', (_case, login) => {
    expect(read('2026-10-25T02:10:00', login)).toBe('2026-10-25T02:10:00+02:00');
  });
});

test.each([
  ['2026-05-09T15:00:01.26Z', 1.3],
  ['2026-05-09T14:59:59Z', -1],
  ['2025-05-09T15:00:00Z', -31_536_000],
])('the seconds from 15:00 UTC to %s are %s, to a tenth', (to, seconds) => {
  const [from, until] = ['2026-05-09T15:00:00Z', to].map((text) => parseDateTime(text, MADRID));
  expect(from && until && secondsBetween(from, until)).toBe(seconds);
});
