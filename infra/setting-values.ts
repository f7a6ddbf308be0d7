import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { findTimeZone } from '../lambda/domain/time-zone.ts';

/*
 * Parsers of settings. Each takes what a deployer wrote, the text of `-c name=value` or a value of `cdk.json`, and
 * returns the checked value, or `undefined` where it is not allowed.
 */

/** The certificates of the authorities whose certificates a terminal may show. */
export interface Truststore {
  /** The S3 bucket. */
  readonly bucket: string;
  /** The object in it: a PEM file. */
  readonly key: string;
}

/** @returns a parser that takes what the whole pattern matches, as it is. */
export const matching =
  (pattern: RegExp) =>
  (value: unknown): string | undefined => {
    const text = toText(value);
    return pattern.test(text) ? text : undefined;
  };

/** @returns a parser that takes one of these words, in the same case. */
export const oneOf =
  <T extends string>(...words: T[]) =>
  (value: unknown): T | undefined =>
    words.find((word) => word === value);

/** Takes `true` and `false`, as words too. */
export function parseBoolean(value: unknown): boolean | undefined {
  const word = String(value);
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
}

/** Takes 1 to 999,999,999. */
export function parseWholeNumber(value: unknown): number | undefined {
  const text = toText(value);
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Takes the URL of a token issuer. A gateway appends a path to it, so it has no query and no fragment. */
export function parseIssuer(value: unknown): string | undefined {
  const text = toText(value);
  return isHttps(text) && !/[?#@]/.test(text) ? text : undefined;
}

/** Takes the address of a page, to which `#` and a section are appended: an `https` URL, or a `.md` file's path. */
export function parsePage(value: unknown): string | undefined {
  const text = toText(value);
  const isPath = /^[\w-][\w./-]*\.md$/.test(text);
  return (isPath || isHttps(text)) && !text.includes('#') ? text : undefined;
}

/** Takes a list of texts, none of them empty: a JSON list, also as text, or a text with commas between the entries. */
export function parseList(value: unknown): readonly string[] | undefined {
  const entries = Array.isArray(value) ? value : splitList(toText(value));
  const isList =
    entries.length > 0 && entries.every((entry) => typeof entry === 'string' && entry.trim() !== '');
  return isList ? entries.map((entry: string) => entry.trim()) : undefined;
}

function splitList(text: string): unknown[] {
  if (!text.trimStart().startsWith('[')) return text.split(',');
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

/** Takes a time zone that the function knows too: it looks the name up in the same way when it starts. */
export function parseTimeZone(value: unknown): string | undefined {
  const text = toText(value);
  try {
    findTimeZone(text);
    return text;
  } catch {
    return undefined;
  }
}

/** Takes the host names that certificates are made for: two labels or more, in lower case. */
export function parseHostName(value: unknown): string | undefined {
  const text = toText(value);
  const isName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
  return isName && text.length <= 253 ? text : undefined;
}

/** Takes `s3://bucket/key`. */
export function parseTruststore(value: unknown): Truststore | undefined {
  const [, bucket, key] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^\s/][^\s]{0,1023})$/.exec(toText(value)) ?? [];
  return bucket !== undefined && key !== undefined ? { bucket, key } : undefined;
}

/** The numbers of days that CloudWatch can keep a log for. "Never delete" is not among them. */
export const RETENTIONS: readonly RetentionDays[] = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Takes a number of {@link RETENTIONS}. */
export function parseRetention(value: unknown): RetentionDays | undefined {
  return RETENTIONS.find((days) => String(days) === toText(value));
}

/** @returns a text or a number as text, and for anything else the empty text, which no parser takes. */
function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function isHttps(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:' && !/\s/.test(text);
}
