import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import {
  dateTimeAt,
  hasOffset,
  isUnsetDate,
  parseDateTime,
  secondsBetween,
  UNSET_DATE,
} from '../../../lambda/domain/date-time.ts';
import { type TimeZone, timeZone } from '../../../lambda/domain/time-zone.ts';

const MADRID = timeZone('Europe/Madrid');

/** How a date is stored and returned. */
const stored = (text: string, zone: TimeZone = MADRID) => parseDateTime(text, zone)?.text;

/** The instant in UTC, with all seven digits. */
const instant = (text: string, zone: TimeZone = MADRID) => {
  const ticks = parseDateTime(text, zone)?.ticks;
  return ticks === undefined
    ? undefined
    : new Temporal.Instant(ticks * 100n).toString({ fractionalSecondDigits: 7 });
};

describe('a date with an offset', () => {
  test.each([
    ['with T', '2026-05-09T17:00:00+02:00', '2026-05-09T17:00:00+02:00', '2026-05-09T15:00:00.0000000Z'],
    [
      'with a space',
      '2026-05-09 17:00:00+02:00',
      '2026-05-09T17:00:00+02:00',
      '2026-05-09T15:00:00.0000000Z',
    ],
    [
      'without seconds',
      '2026-05-09T17:00+02:00',
      '2026-05-09T17:00:00+02:00',
      '2026-05-09T15:00:00.0000000Z',
    ],
    ['with Z', '2026-05-09T17:00:00Z', '2026-05-09T17:00:00Z', '2026-05-09T17:00:00.0000000Z'],
    ['with z', '2026-05-09T17:00:00z', '2026-05-09T17:00:00Z', '2026-05-09T17:00:00.0000000Z'],
    ['+hhmm', '2026-05-09T17:00:00+0530', '2026-05-09T17:00:00+05:30', '2026-05-09T11:30:00.0000000Z'],
    ['-hhmm', '2026-05-09T17:00:00-0330', '2026-05-09T17:00:00-03:30', '2026-05-09T20:30:00.0000000Z'],
    ['+hh', '2026-05-09T17:00:00+02', '2026-05-09T17:00:00+02:00', '2026-05-09T15:00:00.0000000Z'],
    ['-hh', '2026-05-09T17:00-05', '2026-05-09T17:00:00-05:00', '2026-05-09T22:00:00.0000000Z'],
    [
      '+14:00, the most',
      '2026-05-09T17:00:00+14:00',
      '2026-05-09T17:00:00+14:00',
      '2026-05-09T03:00:00.0000000Z',
    ],
    [
      '-14:00, the least',
      '2026-05-09T17:00:00-14:00',
      '2026-05-09T17:00:00-14:00',
      '2026-05-10T07:00:00.0000000Z',
    ],
    [
      '+00:00, which is not made Z',
      '2026-05-09T17:00:00+00:00',
      '2026-05-09T17:00:00+00:00',
      '2026-05-09T17:00:00.0000000Z',
    ],
    [
      '-00:00, which stays',
      '2026-05-09T17:00:00-00:00',
      '2026-05-09T17:00:00-00:00',
      '2026-05-09T17:00:00.0000000Z',
    ],
    ['+0000', '2026-05-09T17:00:00+0000', '2026-05-09T17:00:00+00:00', '2026-05-09T17:00:00.0000000Z'],
    ['+00', '2026-05-09T17:00:00+00', '2026-05-09T17:00:00+00:00', '2026-05-09T17:00:00.0000000Z'],
    [
      'whitespace around it',
      ' \t2026-05-09T17:00:00Z\n',
      '2026-05-09T17:00:00Z',
      '2026-05-09T17:00:00.0000000Z',
    ],
    ['a leap day', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00.0000000Z'],
    [
      'the last second of a day',
      '2026-12-31T23:59:59Z',
      '2026-12-31T23:59:59Z',
      '2026-12-31T23:59:59.0000000Z',
    ],
    [
      'before 1970',
      '1969-12-31T23:59:59.9999999Z',
      '1969-12-31T23:59:59.9999999Z',
      '1969-12-31T23:59:59.9999999Z',
    ],
    ['a year below 100', '0099-03-01T00:00:00Z', '0099-03-01T00:00:00Z', '0099-03-01T00:00:00.0000000Z'],
    [
      'the first that there is',
      '0002-01-01T00:00:00Z',
      '0002-01-01T00:00:00Z',
      '0002-01-01T00:00:00.0000000Z',
    ],
    [
      'the last that there is',
      '9999-12-31T23:59:59.9999999Z',
      '9999-12-31T23:59:59.9999999Z',
      '9999-12-31T23:59:59.9999999Z',
    ],
  ])('is stored with the offset that was sent: %s', (_form, text, expectedText, expectedInstant) => {
    expect(stored(text)).toBe(expectedText);
    expect(instant(text)).toBe(expectedInstant);
  });

  test.each([
    ['.1', '.1'],
    ['.10', '.1'],
    ['.123', '.123'],
    ['.1234567', '.1234567'],
    ['.0000001', '.0000001'],
    ['.4752380', '.475238'],
    ['.0000000', ''],
    ['.9999999', '.9999999'],
    ['.12345678', '.1234567'],
    ['.123456789', '.1234567'],
    ['.000000099', ''],
    ['.999999999', '.9999999'],
  ])('keeps seven digits, without trailing zeros: %s is stored as "%s"', (sent, expected) => {
    expect(stored(`2026-05-09T17:00:00${sent}+02:00`)).toBe(`2026-05-09T17:00:00${expected}+02:00`);
  });

  test('differs from one that is 100 ns later', () => {
    expect(instant('2026-05-09T17:00:00.4752389Z')).not.toBe(instant('2026-05-09T17:00:00.4752388Z'));
  });
});

describe('a date in ASP.NET form is an instant in UTC, stored with Z', () => {
  test.each([
    ['/Date(1778338800000)/', '2026-05-09T15:00:00Z'],
    ['/Date(1778338800123)/', '2026-05-09T15:00:00.123Z'],
    ['/Date(1778338800000+0200)/', '2026-05-09T15:00:00Z'],
    ['/Date(1778338800000-0500)/', '2026-05-09T15:00:00Z'],
    ['/Date(0)/', '1970-01-01T00:00:00Z'],
    ['/Date(000000000000000001000)/', '1970-01-01T00:00:01Z'],
    ['/Date(-0)/', '1970-01-01T00:00:00Z'],
    ['/Date(-1)/', '1969-12-31T23:59:59.999Z'],
    ['/Date(-1001)/', '1969-12-31T23:59:58.999Z'],
    [' /Date(0)/ ', '1970-01-01T00:00:00Z'],
    ['/Date(-62104060800000)/', '0002-01-01T00:00:00Z'],
    ['/Date(253402300799999)/', '9999-12-31T23:59:59.999Z'],
  ])('%s is stored as %s', (text, expected) => {
    expect(stored(text)).toBe(expected);
    expect(stored(expected)).toBe(expected);
    expect(instant(text)).toBe(instant(expected));
  });
});

describe('a date without an offset is wall-clock time in TIME_ZONE', () => {
  test.each([
    ['in summer', 'Europe/Madrid', '2026-05-09T17:00:00', '2026-05-09T17:00:00+02:00'],
    ['in winter', 'Europe/Madrid', '2026-01-09T17:00:00', '2026-01-09T17:00:00+01:00'],
    ['without seconds', 'Europe/Madrid', '2026-01-09T17:00', '2026-01-09T17:00:00+01:00'],
    ['a day is its midnight', 'Europe/Madrid', '2026-05-09', '2026-05-09T00:00:00+02:00'],
    [
      'with seven digits',
      'Europe/Madrid',
      '2026-05-09T09:33:58.4752389',
      '2026-05-09T09:33:58.4752389+02:00',
    ],
    ['UTC is Z', 'UTC', '2026-05-09T17:00:00', '2026-05-09T17:00:00Z'],
    ['a zone whose offset is zero is Z', 'Europe/London', '2026-01-09T17:00:00', '2026-01-09T17:00:00Z'],
    ['west of Greenwich', 'America/New_York', '2026-05-09T17:00:00', '2026-05-09T17:00:00-04:00'],
    ['offsets of three quarters', 'Asia/Kathmandu', '2026-05-09T17:00:00', '2026-05-09T17:00:00+05:45'],
    ['half hours west', 'America/St_Johns', '2026-01-09T17:00:00', '2026-01-09T17:00:00-03:30'],
    ['as far east as there is', 'Pacific/Kiritimati', '2026-05-09T17:00:00', '2026-05-09T17:00:00+14:00'],
    [
      'the last before spring',
      'Europe/Madrid',
      '2026-03-29T01:59:59.9999999',
      '2026-03-29T01:59:59.9999999+01:00',
    ],
    [
      'skipped in spring: the offset from before',
      'Europe/Madrid',
      '2026-03-29T02:00:00',
      '2026-03-29T02:00:00+01:00',
    ],
    ['skipped in spring, at its end', 'Europe/Madrid', '2026-03-29T02:59:59', '2026-03-29T02:59:59+01:00'],
    ['the first after spring', 'Europe/Madrid', '2026-03-29T03:00:00', '2026-03-29T03:00:00+02:00'],
    [
      'the last that occurs once in autumn',
      'Europe/Madrid',
      '2026-10-25T01:59:59',
      '2026-10-25T01:59:59+02:00',
    ],
    ['twice in autumn: the first', 'Europe/Madrid', '2026-10-25T02:00:00', '2026-10-25T02:00:00+02:00'],
    ['twice in autumn, at its end', 'Europe/Madrid', '2026-10-25T02:59:59', '2026-10-25T02:59:59+02:00'],
    ['once again after autumn', 'Europe/Madrid', '2026-10-25T03:00:00', '2026-10-25T03:00:00+01:00'],
    ['skipped in New York', 'America/New_York', '2026-03-08T02:30:00', '2026-03-08T02:30:00-05:00'],
    ['twice in New York', 'America/New_York', '2026-11-01T01:30:00', '2026-11-01T01:30:00-04:00'],
    ['half an hour skipped', 'Australia/Lord_Howe', '2026-10-04T02:15:00', '2026-10-04T02:15:00+10:30'],
    ['half an hour twice', 'Australia/Lord_Howe', '2026-04-05T01:45:00', '2026-04-05T01:45:00+11:00'],
    ['a whole day skipped', 'Pacific/Apia', '2011-12-30T12:00:00', '2011-12-30T12:00:00-10:00'],
    [
      'seconds of an old offset rounded down',
      'Europe/Madrid',
      '1900-01-01T00:00:00',
      '1900-01-01T00:00:00-00:15',
    ],
    [
      'seconds of an old offset rounded up',
      'Europe/Paris',
      '1900-01-01T00:00:00',
      '1900-01-01T00:00:00+00:09',
    ],
    ['half a minute of an old offset', 'Africa/Monrovia', '1950-01-01T00:00:00', '1950-01-01T00:00:00-00:45'],
  ])('%s (%s)', (_case, zone, text, expected) => {
    expect(stored(text, timeZone(zone))).toBe(expected);
  });

  test('but one that was sent with an offset is not re-based to it', () => {
    expect(stored('2026-05-09T17:00:00-05:00', MADRID)).toBe('2026-05-09T17:00:00-05:00');
    expect(stored('2026-05-09T17:00:00Z', MADRID)).toBe('2026-05-09T17:00:00Z');
  });
});

describe('refused is', () => {
  test.each([
    ['nothing', ''],
    ['whitespace', '  '],
    ['a word', 'yesterday'],
    ['another order', '09-05-2026'],
    ['MM/dd/yyyy', '05/09/2026 17:00:00'],
    ['yyyy/MM/dd', '2026/05/09'],
    ['RFC 1123', 'Sat, 09 May 2026 15:00:00 GMT'],
    ['a basic ISO date', '20260509T170000Z'],
    ['an ISO week', '2026-W19-6'],
    ['an ordinal date', '2026-129'],
    ['a month only', '2026-05'],
    ['a month of one digit', '2026-5-09'],
    ['a day of one digit', '2026-05-9'],
    ['a year of five digits', '12026-05-09'],
    ['a year with a sign', '+002026-05-09'],
    ['month 0', '2026-00-09'],
    ['month 13', '2026-13-09'],
    ['day 0', '2026-05-00'],
    ['day 32', '2026-05-32'],
    ['31 April', '2026-04-31'],
    ['30 February', '2026-02-30T09:33:58Z'],
    ['29 February of another year', '2026-02-29'],
    ['29 February 1900', '1900-02-29'],
    ['24:00', '2026-05-09T24:00:00Z'],
    ['25:00', '2026-05-09T25:00:00Z'],
    ['minute 60', '2026-05-09T17:60:00Z'],
    ['second 60', '2026-05-09T23:59:60Z'],
    ['an hour only', '2026-05-09T17'],
    ['an hour of one digit', '2026-05-09T7:00'],
    ['T and no time', '2026-05-09T'],
    ['a small t', '2026-05-09t17:00:00Z'],
    ['two spaces in the middle', '2026-05-09  17:00:00'],
    ['no fraction behind a point', '2026-05-09T17:00:00.Z'],
    ['ten digits', '2026-05-09T17:00:00.1234567890Z'],
    ['a comma for a point', '2026-05-09T17:00:00,5Z'],
    ['a fraction of a minute', '2026-05-09T17:00.5Z'],
    ['an offset without a time', '2026-05-09Z'],
    ['an offset without a time, in numbers', '2026-05-09+02:00'],
    ['a space before the offset', '2026-05-09T17:00:00 +02:00'],
    ['an offset beyond 14:00', '2026-05-09T17:00:00+14:01'],
    ['an offset beyond -14:00', '2026-05-09T17:00:00-14:01'],
    ['an offset of 15 hours', '2026-05-09T17:00:00+15'],
    ['minute 60 of an offset', '2026-05-09T17:00:00+01:60'],
    ['an offset of one digit', '2026-05-09T17:00:00+2'],
    ['an offset of three digits', '2026-05-09T17:00:00+020'],
    ['an offset with seconds', '2026-05-09T17:00:00+02:00:00'],
    ['an offset with another minus', '2026-05-09T17:00:00\u221202:00'],
    ['a zone behind the offset', '2026-05-09T17:00:00+02:00[Europe/Madrid]'],
    ['two letters for the offset', '2026-05-09T17:00:00ZZ'],
    ['the name of an offset', '2026-05-09T17:00:00 GMT'],
    ['digits of another script', '\u0662\u0660\u0662\u0666-05-09'],
    ['a date in the middle of a text', 'on 2026-05-09'],
    ['text behind a date', '2026-05-09T17:00:00Z, or so'],
    ['the year 0000', '0000-05-09T17:00:00Z'],
    ['the year 10000', '10000-01-01T00:00:00Z'],
    ['the year 0001 in UTC', '0002-01-01T00:59:59+01:00'],
    ['the year 0001 where it was sent', '0001-12-31T23:30:00-01:00'],
    ['the year 10000 in UTC', '9999-12-31T23:00:00-01:00'],
    ['the year 10000 in UTC, by the zone', '9999-12-31T23:59:59', 'America/New_York'],
    ['the year 0001 in UTC, by the zone', '0002-01-01T00:00:00', 'Asia/Tokyo'],
    ['/Date()/', '/Date()/'],
    ['/Date(ms) without its slashes', 'Date(1778338800000)'],
    ['/Date with small letters', '/date(1778338800000)/'],
    ['/Date of a fraction', '/Date(1778338800000.5)/'],
    ['/Date of a text', '/Date(now)/'],
    ['/Date with text behind it', '/Date(1778338800000)/ or so'],
    ['/Date with text in front of it', 'on /Date(1778338800000)/'],
    ['/Date with a plus', '/Date(+1778338800000)/'],
    ['/Date with whitespace within', '/Date( 1778338800000 )/'],
    ['/Date with an offset in another form', '/Date(1778338800000+02:00)/'],
    ['/Date with an offset of two digits', '/Date(1778338800000+02)/'],
    ['/Date with a backslash', '\\/Date(1778338800000)\\/'],
    ['/Date beyond the year 9999', '/Date(253402300800000)/'],
    ['/Date before the year 0001', '/Date(-62135596800001)/'],
    ['/Date beyond what a number holds', `/Date(${'9'.repeat(40)})/`],
    ['a number of milliseconds', '1778338800000'],
  ])('%s', (_what, text, zone = 'UTC') => {
    expect(parseDateTime(text, timeZone(zone))).toBeUndefined();
  });
});

describe('a date in the year 0001 is one that was never set', () => {
  test.each([
    [UNSET_DATE],
    ['0001-01-01'],
    ['0001-01-01T00:00:00Z'],
    ['0001-01-01T00:00:00.0000000'],
    ['0001-01-01T00:00:00+01:00'],
    ['0001-12-31T23:59:59.9999999'],
    [' 0001-01-01 00:00 '],
    ['/Date(-62135596800000)/'],
    ['/Date(-62135578800000-0500)/'],
    ['/Date(-62104060800001)/'],
  ])('%s', (text) => {
    expect(isUnsetDate(text)).toBe(true);
  });

  test.each([
    ['0002-01-01T00:00:00'],
    ['0001-02-30'],
    ['0001-01-01T24:00'],
    ['0000-01-01'],
    ['yesterday'],
    [''],
  ])('but not %s', (text) => {
    expect(isUnsetDate(text)).toBe(false);
  });
});

describe("the server's own stamp", () => {
  test.each([
    ['Europe/Madrid', '2026-05-09T17:00:00.123+02:00'],
    ['UTC', '2026-05-09T15:00:00.123Z'],
    ['America/St_Johns', '2026-05-09T12:30:00.123-02:30'],
    ['Africa/Abidjan', '2026-05-09T15:00:00.123Z'],
  ])('is in the zone of the service: %s', (zone, expected) => {
    expect(dateTimeAt(Date.UTC(2026, 4, 9, 15, 0, 0, 123), timeZone(zone)).text).toBe(expected);
  });
});

describe('an hour that occurs twice', () => {
  const notBefore = (text: string) => parseDateTime(text, MADRID);
  const read = (text: string, login: string) => parseDateTime(text, MADRID, notBefore(login))?.text;

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

  test('is what its offset says, if it has one', () => {
    expect(read('2026-10-25T02:10:00+02:00', '2026-10-25T02:50:00+02:00')).toBe('2026-10-25T02:10:00+02:00');
  });

  test('half an hour long is the second too', () => {
    const zone = timeZone('Australia/Lord_Howe');
    const login = parseDateTime('2026-04-05T01:55:00+11:00', zone);
    expect(parseDateTime('2026-04-05T01:45:00', zone, login)?.text).toBe('2026-04-05T01:45:00+10:30');
  });
});

test.each([
  ['2026-05-09T17:00:00Z', true],
  ['2026-05-09T17:00:00+02:00', true],
  [' 2026-05-09T17:00+02 ', true],
  ['/Date(0)/', true],
  ['2026-05-09T17:00:00', false],
  ['2026-05-09', false],
  ['yesterday', false],
])('"%s" has an offset: %s', (text, expected) => {
  expect(hasOffset(text)).toBe(expected);
});

test.each([
  ['2026-05-09T15:00:01.26Z', 1.3],
  ['2026-05-09T14:59:59Z', -1],
  ['2025-05-09T15:00:00Z', -31_536_000],
])('the seconds from 15:00 UTC to %s are %s, to a tenth', (to, seconds) => {
  const [from, until] = ['2026-05-09T15:00:00Z', to].map((text) => parseDateTime(text, MADRID));
  expect(from && until && secondsBetween(from, until)).toBe(seconds);
});
