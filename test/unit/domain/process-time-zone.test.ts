import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { afterEach, expect, test } from 'vitest';
import { PROCESS_TIME_ZONE, setProcessTimeZone } from '../../../lambda/domain/process-time-zone.ts';

const before = process.env.TZ;

afterEach(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

const second = (text: string) => Date.parse(`${text}Z`) / 1000;

test.each([
  ['Europe/Madrid', '2026-03-29T00:59:59', 3_600],
  ['Europe/Madrid', '2026-03-29T01:00:00', 7_200],
  ['Europe/Madrid', '1900-01-01T00:00:00', -884],
  ['America/St_Johns', '2026-01-09T15:00:00', -12_600],
  ['Asia/Kolkata', '0050-06-01T00:00:00', 21_208],
  ['Etc/GMT+5', '9999-12-31T00:00:00', -18_000],
  ['Africa/Abidjan', '2026-01-01T00:00:00', 0],
  ['Etc/UTC', '2026-01-01T00:00:00', 0],
])('the offset of %s at %s is %d seconds', (name, at, offset) => {
  setProcessTimeZone(name);
  expect(PROCESS_TIME_ZONE.offsetAt(second(at))).toBe(offset);
});

test('UTC replaces the zone that the process had', () => {
  process.env.TZ = 'Asia/Tokyo';
  setProcessTimeZone('UTC');
  expect(PROCESS_TIME_ZONE.offsetAt(second('2026-05-09T15:00:00'))).toBe(0);
});

test.each([
  ['an unknown name', 'Mars/Olympus'],
  ['an empty name', ''],
  ['a name in another case', 'europe/madrid'],
  ['a name with a digit in another case', 'etc/gmt+5'],
  ['a name with a space', 'Europe/Madrid '],
  ['an offset', '+02:00'],
  ['a POSIX zone', 'MST7'],
  ['a POSIX zone with summer time', 'CET-1CEST'],
  ['the name of a file', ':Europe/Madrid'],
])('%s is refused: "%s"', (_, name) => {
  expect(() => setProcessTimeZone(name)).toThrow(RangeError);
});

/**
 * Since 1970 the only months in which a zone changed its offset twice within 19 days. V8 looks for one change in so
 * many days, so what it says of the days around depends on what it was asked before.
 */
const SHORT_PERIODS = ['1976-04', '2000-10', '2004-06'].map((month) => Date.parse(month));

const DAY_MS = 86_400_000;

test('the offsets of every zone since 1970 are those of an independent implementation, but for short periods', () => {
  const instants = fc
    .integer({ min: 0, max: Date.UTC(2100, 0, 1) / 1000 })
    .filter((instant) => !SHORT_PERIODS.some((month) => Math.abs(instant * 1000 - month) < 61 * DAY_MS));
  for (const name of Intl.supportedValuesOf('timeZone')) {
    setProcessTimeZone(name);
    for (const instant of fc.sample(instants, 5)) {
      const offset = PROCESS_TIME_ZONE.offsetAt(instant);
      expect([name, instant, offset]).toEqual([name, instant, computeOffset(name, instant)]);
    }
  }
});

/** The offset in seconds by Temporal. */
function computeOffset(name: string, instant: number): number {
  return (
    Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(name).offsetNanoseconds / 1e9
  );
}
