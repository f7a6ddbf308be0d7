import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { timeZone } from '../lambda/domain/time-zone.ts';

/*
 * How the text of a setting becomes its value: each function gives the value, or `undefined` for a text that is refused.
 */

/** Where the certificates of the authorities lie that may vouch for a terminal. */
export interface Truststore {
  /** The S3 bucket. */
  readonly bucket: string;
  /** The object in it: a PEM file. */
  readonly key: string;
}

/** @returns a reader that takes what the whole pattern matches, as it is. */
export const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined;

/** @returns a reader that takes one of these words, in just this case. */
export const oneOf =
  <T extends string>(...words: T[]) =>
  (text: string): T | undefined =>
    words.find((word) => word === text);

/** Takes 1 to 999,999,999. */
export function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Takes the URL of a token issuer. A gateway appends a path to it, so nothing may stand behind its own. */
export function issuerUrl(text: string): string | undefined {
  return isHttps(text) && !/[?#@]/.test(text) ? text : undefined;
}

/** Takes where a page is, to which `#` and a section can be appended: an `https` URL, or a `.md` file's path. */
export function page(text: string): string | undefined {
  const isPath = /^[\w-][\w./-]*\.md$/.test(text);
  return (isPath || isHttps(text)) && !text.includes('#') ? text : undefined;
}

/** Takes a list with commas between its entries, none of them empty. */
export function commaList(text: string): readonly string[] | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.includes('') ? undefined : entries;
}

/** Takes a zone that the function will know too: it looks the name up in the same way when it starts. */
export function zoneName(text: string): string | undefined {
  try {
    timeZone(text);
    return text;
  } catch {
    return undefined;
  }
}

/** Takes the host names that certificates are made for: two labels or more, in lower case. */
export function hostName(text: string): string | undefined {
  const isName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
  return isName && text.length <= 253 ? text : undefined;
}

/** Takes `s3://bucket/key` apart. */
export function s3Object(text: string): Truststore | undefined {
  const [, bucket, key] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^\s/][^\s]{0,1023})$/.exec(text) ?? [];
  return bucket !== undefined && key !== undefined ? { bucket, key } : undefined;
}

/** CloudWatch's own list of days, without the entry that stands for "for ever". */
export const retentions: readonly RetentionDays[] = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Takes a number of {@link retentions}. */
export function retention(text: string): RetentionDays | undefined {
  return retentions.find((days) => String(days) === text);
}

function isHttps(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:' && !/\s/.test(text);
}
