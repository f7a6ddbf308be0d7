import { findTimeZone, type TimeZone } from './time-zone.ts';

/** Names without these characters mean to the process what they mean to IANA, where they mean anything. */
const MAY_BE_POSIX = /[^A-Za-z_/-]/;

/** Every zone but UTC and its other names is off UTC at one of these: before standard time, in winter, in summer. */
const SAMPLES = ['1850-01-01', '2026-01-01', '2026-07-01'].map((day) => Date.parse(day) / 1000);

/**
 * The zone of the process, whose offsets cost nothing to read: the tables of `Intl` take 12 to 17 ms of CPU at the start.
 *
 * The offsets are exact to the second, but not near a few short periods of 1976, 2000 and 2004, in which ten zones
 * changed twice within 19 days: the test names them.
 */
export const PROCESS_TIME_ZONE: TimeZone = { offsetAt: localOffsetAt };

/**
 * Sets the zone of the process. Nothing else in it may depend on the zone.
 *
 * @param name an IANA name, such as `Europe/Madrid`, in its own case.
 * @throws {RangeError} when there is no zone of that name. The process would silently take UTC.
 */
export function setProcessTimeZone(name: string): void {
  process.env.TZ = name;
  if (MAY_BE_POSIX.test(name) || SAMPLES.every((instant) => localOffsetAt(instant) === 0)) {
    const zone = findTimeZone(name);
    if (SAMPLES.some((instant) => localOffsetAt(instant) !== zone.offsetAt(instant))) {
      throw new RangeError(`"${name}" is an IANA time zone in another case: write it as IANA does.`);
    }
  }
}

/** Whether {@link setProcessTimeZone} takes a name. The zone of the process stays as it is. */
export function isTimeZone(name: string): boolean {
  const before = process.env.TZ;
  try {
    setProcessTimeZone(name);
    return true;
  } catch {
    return false;
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

/** Not `getTimezoneOffset`, which drops the seconds of offsets before standard time. */
function localOffsetAt(instant: number): number {
  const local = new Date(instant * 1000);
  const wallClock = new Date(0);
  wallClock.setUTCFullYear(local.getFullYear(), local.getMonth(), local.getDate());
  wallClock.setUTCHours(local.getHours(), local.getMinutes(), local.getSeconds());
  return wallClock.getTime() / 1000 - instant;
}
