import { describe, expect, test } from 'vitest';
import { offsetOfWallClock, timeZone, UTC } from '../../../lambda/domain/time-zone.ts';

const HOUR = 3600;
const second = (text: string) => Date.parse(`${text}Z`) / 1000;

describe('a time zone', () => {
  test('has an offset in seconds for each instant, positive east of Greenwich', () => {
    expect(timeZone('Europe/Madrid').offsetAt(second('2026-05-09T15:00:00'))).toBe(2 * HOUR);
    expect(timeZone('Europe/Madrid').offsetAt(second('2026-01-09T15:00:00'))).toBe(HOUR);
    expect(timeZone('America/St_Johns').offsetAt(second('2026-01-09T15:00:00'))).toBe(-3.5 * HOUR);
  });

  test('changes its offset at the second of the change', () => {
    const madrid = timeZone('Europe/Madrid');
    expect(madrid.offsetAt(second('2026-03-29T00:59:59'))).toBe(HOUR);
    expect(madrid.offsetAt(second('2026-03-29T01:00:00'))).toBe(2 * HOUR);
  });

  test('had seconds in its offset before there was standard time', () => {
    expect(timeZone('Europe/Madrid').offsetAt(second('1900-01-01T00:00:00'))).toBe(-(14 * 60 + 44));
  });

  test('UTC is the one without Intl', () => {
    expect(timeZone('UTC')).toBe(UTC);
    expect(UTC.offsetAt(0)).toBe(0);
  });

  test.each([['Mars/Olympus'], [''], ['+02:00'], ['-05'], ['Europe/Madrid '], ['CET+1']])(
    'is named by IANA, not "%s"',
    (name) => {
      expect(() => timeZone(name)).toThrow(RangeError);
    },
  );
});

describe('a wall clock', () => {
  const madrid = timeZone('Europe/Madrid');

  test('that shows an hour which occurs twice means the first', () => {
    expect(offsetOfWallClock(second('2026-10-25T02:30:00'), madrid)).toBe(2 * HOUR);
  });

  test('that shows an hour which was skipped has the offset from before the change', () => {
    expect(offsetOfWallClock(second('2026-03-29T02:30:00'), madrid)).toBe(HOUR);
  });

  test('has the new offset from the first moment after the change', () => {
    expect(offsetOfWallClock(second('2026-03-29T03:00:00'), madrid)).toBe(2 * HOUR);
    expect(offsetOfWallClock(second('2026-10-25T03:00:00'), madrid)).toBe(HOUR);
  });
});
