/** The offsets of one time zone from UTC. */
export interface TimeZone {
  /**
   * @param instant seconds since 1970-01-01T00:00:00Z.
   * @returns the zone's offset at that instant in seconds, positive east of Greenwich.
   */
  offsetAt(instant: number): number;
}

/** Coordinated Universal Time. */
export const UTC: TimeZone = { offsetAt: () => 0 };

const LONG_OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;
const DAY_SECONDS = 86_400;

/**
 * Looks up a time zone.
 *
 * @param name an IANA name, such as `Europe/Madrid`.
 * @returns the zone. `Intl` costs 12 ms of CPU and 7 MB at start-up, so `UTC` does without.
 * @throws {RangeError} when no zone has that name.
 */
export function findTimeZone(name: string): TimeZone {
  if (name === 'UTC') return UTC;
  const format = zoneFormat(name);
  return {
    offsetAt(instant) {
      const [, sign, hours, minutes, seconds] = LONG_OFFSET.exec(format.format(instant * 1000)) ?? [];
      const offset = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
      return sign === '-' ? -offset : offset;
    },
  };
}

function zoneFormat(name: string): Intl.DateTimeFormat {
  try {
    // Intl takes an offset for a zone too.
    if (/^[+-]/.test(name)) throw new RangeError('An offset is not a zone.');
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (cause) {
    throw new RangeError(`"${name}" is not an IANA time zone, such as Europe/Madrid.`, { cause });
  }
}

/**
 * Finds the offsets that a wall-clock time may have. An hour that occurs twice in autumn has two; one that is skipped
 * in spring has the offset from before the change.
 *
 * @param wallClock seconds since 1970, as if the wall clock showed UTC.
 * @returns the offset in seconds of its first occurrence, and that of the second where there is one.
 */
export function findWallClockOffsets(
  wallClock: number,
  zone: TimeZone,
): readonly [first: number, second?: number] {
  const before = zone.offsetAt(wallClock - DAY_SECONDS);
  const after = zone.offsetAt(wallClock + DAY_SECONDS);
  const isOffset = (offset: number) => zone.offsetAt(wallClock - offset) === offset;
  if (before === after || !isOffset(after)) return [before];
  return isOffset(before) ? [before, after] : [after];
}
