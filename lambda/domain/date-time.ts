import { findWallClockOffsets, type TimeZone } from './time-zone.ts';

/** A moment, as exact as .NET's clock, and how it is written. */
export interface DateTime {
  /** `yyyy-MM-ddTHH:mm:ss`, the fraction without trailing zeros, then `Z` or `±hh:mm`. */
  readonly text: string;
  /** The instant, in units of 100 ns since 1970-01-01T00:00:00Z. `Date` keeps three of the seven digits. */
  readonly ticks: bigint;
  /** Whether it came with an offset: without one, a terminal's zone and summer time may be wrong. */
  readonly hasOffset: boolean;
}

/** What a .NET server sends for a date that was never set. */
export const UNSET_DATE = '0001-01-01T00:00:00';

/** One minute, in the units of {@link DateTime.ticks}. */
export const TICKS_PER_MINUTE = 600_000_000n;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|z|([+-])(\d\d)(?::?(\d\d))?)?)?$/;
/** ASP.NET's form: milliseconds since 1970 in UTC, and an offset that does not change the instant. */
const ASP_NET = /^\/Date\((-?0*\d{1,15})(?:[+-]\d{4})?\)\/$/;

/**
 * What .NET's `ToString` writes before midday in cultures with a clock of twelve hours; the whitespace is a no-break
 * space in some. From `DateTimeFormatInfo.AMDesignator` of Mono 6.8 and from ICU 78.
 */
const AM = String.raw`(?:a\.?\s?m\.?|vm\.|sa|pg|wd|gh|sn\.|p\.d\.|π\.?μ\.?|上午|午前|오전|ص|ق\.ظ\.?|पूर्वाह्न|முற்பகல்|পূৰ্বাহ্ণ|පෙ\.ව\.|ጥዋት|ንጉሆ ሰዓተ|ꎸꄑ|ꮜꮎꮄ|àárọ̀|e paradites)`;
const AFTER_HOUR = String.raw`[:.]00(?:[:.]00(?:\.0{1,7})?)?`;
const MIDNIGHT = String.raw`(?:0?0${AFTER_HOUR}(?:\s?${AM}|\sч\.)?|12${AFTER_HOUR}\s?${AM}|${AM}\s?(?:0?0|12)${AFTER_HOUR}|00\sh\s00(?:\smin\s00\ss)?)`;
/**
 * .NET's own text of the date that was never set, in any of its cultures with four digits for the year: the first of
 * January of 0001 in any order, and midnight. A culture may write a space behind each separator, and one at the end.
 */
const UNSET_TEXT = new RegExp(
  String.raw`^(?:mon, 01 jan 0001 00:00:00 gmt|(?=\d+([/.-]))` +
    String.raw`(?:0?1\1\s?0?1\1\s?0001|0?1\1\s?0001\1\s?0?1|0001\1\s?0?1\1\s?0?1)(?:\.|\sг\.)?` +
    String.raw`(?:,?\s${MIDNIGHT}(?:\s\+00:00)?)?)$`,
  'i',
);

const MAX_OFFSET_MINUTES = 14 * 60;
const FIRST_SECOND = Date.parse('0002-01-01T00:00:00Z') / 1000;
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** `Z` or `±hh:mm`, with its minutes. */
interface Offset {
  readonly text: string;
  readonly minutes: number;
}

/** A date as it was read: what the clock on the wall showed, and its offset from UTC, if it was given. */
interface Reading {
  /** Seconds since 1970, as if the wall clock showed UTC. */
  readonly wallClock: number;
  /** 0 to 9,999,999 units of 100 ns. */
  readonly fraction: number;
  readonly offset?: Offset;
}

/**
 * Reads a date in any form that the contract lists.
 *
 * @param text `yyyy-MM-dd` with or without a time, a fraction of up to nine digits and an offset, or `/Date(ms)/`; with
 *   whitespace around it. Digits after the seventh are dropped.
 * @param zone where a date that was sent without an offset is wall-clock time.
 * @param notBefore chooses the second of an hour that occurs twice, if the first lies before this moment and the second
 *   does not. Without it such an hour is the first.
 * @returns the moment; `undefined` where the text is not a date, or one outside of the years 0002 to 9999.
 */
export function parseDateTime(text: string, zone: TimeZone, notBefore?: DateTime): DateTime | undefined {
  const reading = readDate(text.trim());
  if (reading === undefined) return undefined;
  if (reading.offset !== undefined) return toDateTime(reading, reading.offset);
  const [first, second] = findWallClockOffsets(reading.wallClock, zone);
  const earlier = toDateTime(reading, toOffset(first));
  if (second === undefined || !isBefore(earlier, notBefore)) return earlier;
  const later = toDateTime(reading, toOffset(second));
  return isBefore(later, notBefore) ? earlier : later;
}

function isBefore(one: DateTime | undefined, other: DateTime | undefined): boolean {
  return one !== undefined && other !== undefined && one.ticks < other.ticks;
}

/**
 * Whether a text is what a .NET client sends for a date that it never set: a date in the year 0001, or {@link UNSET_TEXT}.
 */
export function isUnsetDate(text: string): boolean {
  const date = text.trim();
  // Arabic cultures write marks of direction.
  if (UNSET_TEXT.test(date.replace(/[\u200e\u200f]/g, ''))) return true;
  // Most dates are of another year, and are read once they are needed.
  const reading = /^(?:0001-|\/)/.test(date) ? readDate(date) : undefined;
  return reading !== undefined && new Date(reading.wallClock * 1000).getUTCFullYear() === 1;
}

/** The seconds from one moment to another, to a tenth. */
export function secondsBetween(from: DateTime, to: DateTime): number {
  return Math.round(Number(to.ticks - from.ticks) / 1_000_000) / 10;
}

/**
 * Writes an instant as a clock in a zone shows it.
 *
 * @param instantMs milliseconds since 1970-01-01T00:00:00Z.
 */
export function createDateTime(instantMs: number, zone: TimeZone): DateTime {
  const seconds = Math.floor(instantMs / 1000);
  const offset = toOffset(zone.offsetAt(seconds));
  const fraction = (instantMs - seconds * 1000) * 10_000;
  return writeDateTime({ wallClock: seconds + offset.minutes * 60, fraction, offset }, offset);
}

function readDate(text: string): Reading | undefined {
  return readIso(text) ?? readAspNet(text);
}

function readIso(text: string): Reading | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    zulu,
    sign,
    hours,
    minutes = '00',
  ] = match;
  const midnight = secondOfMidnight(Number(year), Number(month), Number(day));
  const time = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  if (midnight === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined;
  const reading = { wallClock: midnight + time, fraction: Number(fraction.slice(0, 7).padEnd(7, '0')) };
  if (zulu === undefined) return reading;
  if (hours === undefined) return { ...reading, offset: { text: 'Z', minutes: 0 } };
  const distance = Number(hours) * 60 + Number(minutes);
  if (distance > MAX_OFFSET_MINUTES || Number(minutes) > 59) return undefined;
  return {
    ...reading,
    offset: { text: `${sign}${hours}:${minutes}`, minutes: sign === '-' ? -distance : distance },
  };
}

function readAspNet(text: string): Reading | undefined {
  const match = ASP_NET.exec(text);
  if (match === null) return undefined;
  const milliseconds = Number(match[1]);
  const wallClock = Math.floor(milliseconds / 1000);
  return {
    wallClock,
    fraction: (milliseconds - wallClock * 1000) * 10_000,
    offset: { text: 'Z', minutes: 0 },
  };
}

/** `undefined` for a day that does not exist. `Date.UTC` would take the years below 100 for 1900 and later. */
function secondOfMidnight(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 1000 : undefined;
}

/** A zone's offset to the nearest minute: before about 1900 zones had seconds, which ISO 8601 cannot write. */
function toOffset(seconds: number): Offset {
  const distance = Math.round(Math.abs(seconds) / 60);
  if (distance === 0) return { text: 'Z', minutes: 0 };
  const sign = seconds < 0 ? '-' : '+';
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    text: `${sign}${two(Math.floor(distance / 60))}:${two(distance % 60)}`,
    minutes: seconds < 0 ? -distance : distance,
  };
}

/** `undefined` outside of the years. */
function toDateTime(reading: Reading, offset: Offset): DateTime | undefined {
  return isWithinYears(reading.wallClock, offset.minutes) ? writeDateTime(reading, offset) : undefined;
}

/** Whether a date lies in the years 0002 to 9999, on the wall clock and in UTC. */
function isWithinYears(wallClock: number, offsetMinutes: number): boolean {
  const isInRange = (second: number) => second >= FIRST_SECOND && second <= LAST_SECOND;
  return isInRange(wallClock) && isInRange(wallClock - offsetMinutes * 60);
}

function writeDateTime(reading: Reading, offset: Offset): DateTime {
  const { wallClock, fraction } = reading;
  const seconds = new Date(wallClock * 1000).toISOString().slice(0, 'yyyy-MM-ddTHH:mm:ss'.length);
  const digits = fraction === 0 ? '' : `.${String(fraction).padStart(7, '0').replace(/0+$/, '')}`;
  return {
    text: `${seconds}${digits}${offset.text}`,
    ticks: BigInt(wallClock - offset.minutes * 60) * 10_000_000n + BigInt(fraction),
    hasOffset: reading.offset !== undefined,
  };
}
