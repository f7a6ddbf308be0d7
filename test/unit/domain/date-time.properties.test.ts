import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { parseDateTime } from '../../../lambda/domain/date-time.ts';
import { findTimeZone, UTC } from '../../../lambda/domain/time-zone.ts';

const MADRID = findTimeZone('Europe/Madrid');

describe('held against an independent implementation', () => {
  const TICK = 100n;
  const zones = Intl.supportedValuesOf('timeZone');
  const two = (value: number) => String(value).padStart(2, '0');

  /** Days and times of which some do not exist. */
  const parts = fc.record({
    year: fc.oneof(fc.integer({ min: 1890, max: 2110 }), fc.integer({ min: 2, max: 9999 })),
    month: weighted(fc.integer({ min: 1, max: 12 }), fc.constantFrom(0, 13)),
    day: weighted(fc.integer({ min: 1, max: 31 }), fc.constantFrom(0, 32)),
    hour: weighted(fc.integer({ min: 0, max: 23 }), fc.constant(24)),
    minute: weighted(fc.integer({ min: 0, max: 59 }), fc.constant(60)),
    second: weighted(fc.integer({ min: 0, max: 59 }), fc.constant(60)),
  });
  const fraction = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 7 });

  type Parts = typeof parts extends fc.Arbitrary<infer P> ? P : never;

  function written(
    { year, month, day, hour, minute, second }: Parts,
    separator: string,
    digits: string,
  ): string {
    const time = `${two(hour)}:${two(minute)}:${two(second)}${digits && `.${digits}`}`;
    return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}${separator}${time}`;
  }

  /** `undefined` where Temporal says that there is no such day or time. */
  function plain(of: Parts, digits: string): Temporal.PlainDateTime | undefined {
    try {
      const second = Temporal.PlainDateTime.from(of, { overflow: 'reject' });
      return second.add({ nanoseconds: Number(digits.padEnd(9, '0')) });
    } catch {
      return undefined;
    }
  }

  const asUtc = (dateTime: Temporal.PlainDateTime) => dateTime.toZonedDateTime('UTC').epochNanoseconds;
  const isInRange = (nanoseconds: bigint) => {
    const { year } = new Temporal.Instant(nanoseconds).toZonedDateTimeISO('UTC');
    return year >= 2 && year <= 9999;
  };

  test('a date with an offset is refused exactly when Temporal refuses it or it leaves the years, else the same', () => {
    const offset = fc.record({
      sign: fc.constantFrom('+', '-'),
      hours: weighted(fc.integer({ min: 0, max: 13 }), fc.constantFrom(14, 15)),
      minutes: fc.constantFrom(0, 0, 0, 1, 30, 45, 59),
      form: fc.constantFrom('hh:mm', 'hhmm', 'hh', 'Z', 'z'),
    });
    fc.assert(
      fc.property(
        parts,
        fraction,
        offset,
        fc.constantFrom('T', ' '),
        (of, digits, { sign, hours, minutes, form }, separator) => {
          const isZulu = form === 'Z' || form === 'z';
          const distance = isZulu ? 0 : hours * 60 + (form === 'hh' ? 0 : minutes);
          const sent = isZulu ? form : sign + form.replace('hh', two(hours)).replace('mm', two(minutes));
          const kept = isZulu ? 'Z' : `${sign}${two(hours)}:${two(distance % 60)}`;

          const dateTime = plain(of, digits);
          const nanoseconds =
            dateTime && asUtc(dateTime) - BigInt(sign === '-' ? -distance : distance) * 60_000_000_000n;
          const isRead = nanoseconds !== undefined && distance <= 14 * 60 && isInRange(nanoseconds);

          const date = parseDateTime(written(of, separator, digits) + sent, MADRID);
          expect(date).toEqual(
            isRead ? { text: `${dateTime}${kept}`, ticks: nanoseconds / TICK, hasOffset: true } : undefined,
          );
          if (date) expect(parseDateTime(date.text, UTC)).toEqual({ ...date, hasOffset: true });
        },
      ),
      { numRuns: 1_500 },
    );
  });

  /** What the contract says of a wall clock, from Temporal's instant: `compatible` is the contract's rule. */
  function expectWallClock(dateTime: Temporal.PlainDateTime, text: string, zone: string): void {
    const zoned = dateTime.toZonedDateTime(zone, { disambiguation: 'compatible' });
    const offset = Number(asUtc(dateTime) - zoned.epochNanoseconds) / 60e9;
    const minutes = Math.sign(offset) * Math.round(Math.abs(offset));
    const nanoseconds = asUtc(dateTime) - BigInt(minutes) * 60_000_000_000n;
    const distance = Math.abs(minutes);
    const kept =
      distance === 0
        ? 'Z'
        : `${minutes < 0 ? '-' : '+'}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;

    const date = parseDateTime(text, findTimeZone(zone));
    expect(date, zone).toEqual(
      isInRange(nanoseconds)
        ? { text: `${dateTime}${kept}`, ticks: nanoseconds / TICK, hasOffset: false }
        : undefined,
    );
    // Before 1867 some zones were further than 14:00 from UTC, which no request may send.
    if (date && distance <= 14 * 60)
      expect(parseDateTime(date.text, UTC)).toEqual({ ...date, hasOffset: true });
  }

  test('a wall clock around any change of any zone, where clocks skip and repeat, is the same instant, with the same offset', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 1900, max: 2040 }),
        fc.integer({ min: -26 * 60, max: 26 * 60 }),
        (zone, year, minutes) => {
          const change = Temporal.ZonedDateTime.from({
            year,
            month: 1,
            day: 1,
            timeZone: zone,
          }).getTimeZoneTransition('next');
          fc.pre(change !== null);
          const dateTime = change.toPlainDateTime().add({ minutes });
          expectWallClock(dateTime, dateTime.toString(), zone);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Mostly the first, so that four of five values that are made of several exist. */
function weighted(often: fc.Arbitrary<number>, seldom: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return fc.oneof({ arbitrary: often, weight: 30 }, { arbitrary: seldom, weight: 1 });
}
