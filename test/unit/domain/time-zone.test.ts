import { describe, expect, test } from 'vitest';
import { findTimeZone, findWallClockOffsets, UTC } from '../../../lambda/domain/time-zone.ts';

const HOUR = 3600;
const second = (text: string) => Date.parse(`${text}Z`) / 1000;

describe('a time zone', () => {
  test('has an offset in seconds for each instant, positive east of Greenwich', () => {
    expect(findTimeZone('Europe/Madrid').offsetAt(second('2026-05-09T15:00:00'))).toBe(2 * HOUR);
    expect(findTimeZone('Europe/Madrid').offsetAt(second('2026-01-09T15:00:00'))).toBe(HOUR);
    expect(findTimeZone('Etc/GMT+5').offsetAt(0)).toBe(-5 * HOUR);
    expect(findTimeZone('America/St_Johns').offsetAt(second('2026-01-09T15:00:00'))).toBe(-3.5 * HOUR);
  });

  test('had seconds in its offset before there was standard time', () => {
    expect(findTimeZone('Europe/Madrid').offsetAt(second('1900-01-01T00:00:00'))).toBe(-(14 * 60 + 44));
  });

  test('UTC is the one without Intl', () => {
    expect(findTimeZone('UTC')).toBe(UTC);
    expect(UTC.offsetAt(0)).toBe(0);
  });

  test.each([['Mars/Olympus'], [''], ['+02:00'], ['-05'], ['Europe/Madrid '], ['CET+1']])(
    'is named by IANA, not "%s"',
    (name) => {
      const sentence = `"${name}" is not an IANA time zone, such as Europe/Madrid.`;
      expect(() => findTimeZone(name)).toThrow(new RangeError(sentence));
    },
  );
});

describe('the offset of a wall clock', () => {
  const madrid = findTimeZone('Europe/Madrid');
  const offsets = (text: string) => findWallClockOffsets(second(text), madrid);

  test.each([
    ['on a day without a change is the one of that day', '2026-05-09T15:00:00', [2 * HOUR]],
    ['in an hour that occurs twice is the first, then the second', '2026-10-25T02:30:00', [2 * HOUR, HOUR]],
    ['at the first second that occurs twice is both', '2026-10-25T02:00:00', [2 * HOUR, HOUR]],
    ['one second before it is the old one', '2026-10-25T01:59:59', [2 * HOUR]],
    ['after an hour that occurred twice is the new one', '2026-10-25T03:00:00', [HOUR]],
    ['in an hour that was skipped is the one before the change', '2026-03-29T02:30:00', [HOUR]],
    ['after an hour that was skipped is the new one', '2026-03-29T03:00:00', [2 * HOUR]],
  ])('%s', (_case, text, expected) => {
    expect(offsets(text)).toEqual(expected);
  });
});
