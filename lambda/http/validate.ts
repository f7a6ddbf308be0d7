import type { MiddlewareObj } from '@middy/core';
import { FIELD_TYPES, FIELDS, type Field, type FieldType, IDENTITY_FIELDS } from '../domain/connection.ts';
import { type DateTime, dateTimeAt, isUnsetDate, parseDateTime } from '../domain/date-time.ts';
import { InvalidConnectionError } from '../domain/errors.ts';
import { NIL_GUID, parseGuid } from '../domain/guid.ts';
import { type Logout, wrongDateLogout } from '../domain/logout.ts';
import type { TimeZone } from '../domain/time-zone.ts';
import { callerOf, type GatewayEvent } from './event.ts';
import { LONGEST_MESSAGE, LONGEST_STRING } from './schema.ts';
import { validate as fitsSchema } from './validator.ts';

/** The record's fields, each with what a request holds for it. */
export type Fields = Partial<Record<Field, unknown>>;

const SENTENCES: Record<FieldType, (field: Field) => string> = {
  guid: (field) => `${field} must be a GUID, such as 9da91479-03ed-42f5-9827-e03302f1a8e7.`,
  date: (field) =>
    `${field} must be a date that exists, of the years 0002 to 9999, such as 2026-05-09T17:00:00+02:00.`,
  boolean: (field) => `${field} must be true or false.`,
  string: (field) =>
    `${field} must be a string or a number, of at most ${field === 'message' ? LONGEST_MESSAGE : LONGEST_STRING} characters.`,
};

/**
 * Makes a logout of the fields in `event.body`, and puts it there in their place.
 *
 * @param zone where a date without an offset is wall-clock time, and in which the server writes a date of its own.
 * @throws {InvalidConnectionError} when fields are wrong: it names every one of them.
 */
export function validate(zone: TimeZone): MiddlewareObj<GatewayEvent> {
  return {
    before({ event }) {
      const logout = readLogout(event.body as Fields, zone, dateTimeAt(Date.now(), zone));
      const caller = callerOf(event);
      event.body = { ...logout, ...(caller && { caller }) } satisfies Logout;
    },
  };
}

/**
 * Reads a logout.
 *
 * @param fields what the request holds.
 * @param zone where a date without an offset is wall-clock time.
 * @param now the server's clock.
 * @throws {InvalidConnectionError} when fields are wrong: it names every one of them, in the record's order.
 */
export function readLogout(fields: Fields, zone: TimeZone, now: DateTime): Logout {
  const given = givenOf(fields);
  const wrong = wrongFields(given);
  const readDate = (field: 'date_login' | 'date_logout'): DateTime | undefined => {
    const text = given[field];
    if (typeof text !== 'string' || wrong.has(field)) return undefined;
    const date = parseDateTime(text, zone);
    if (date === undefined) wrong.set(field, SENTENCES.date(field));
    return date;
  };
  const dateLogin = readDate('date_login');
  const dateLogout = readDate('date_logout');
  const violation = dateLogout && wrongDateLogout(dateLogout, dateLogin, now);
  if (violation !== undefined) wrong.set('date_logout', violation);
  if (wrong.size > 0) throw invalidConnection(given, wrong);

  const { id, message } = given as { id: string; message?: string };
  const identity = IDENTITY_FIELDS.filter((field) => field in given).map((field) => [field, given[field]]);
  return {
    id,
    identity: Object.fromEntries(identity),
    receivedAt: now,
    ...(message !== undefined && { message }),
    ...(dateLogout && { dateLogout }),
  };
}

function invalidConnection(given: Fields, wrong: ReadonlyMap<Field, string>): InvalidConnectionError {
  const errors = FIELDS.flatMap((field) => {
    const message = wrong.get(field);
    return message === undefined ? [] : [{ field, message }];
  });
  const known = Object.entries({
    connection_id: 'id',
    terminal_id: 'terminal_id',
    terminal_type: 'terminal_type',
  } as const)
    .filter(([, field]) => field in given && !wrong.has(field))
    .map(([name, field]) => [name, given[field]]);
  return new InvalidConnectionError(errors, Object.fromEntries(known));
}

/**
 * The values that count as given: not null, not blank, and not what a .NET client sends for a value that it never
 * set. Half a surrogate pair becomes U+FFFD, and a GUID its stored form.
 */
function givenOf(fields: Fields): Fields {
  const given: Fields = {};
  for (const field of FIELDS) {
    const value = fields[field] ?? undefined;
    if (typeof value !== 'string') {
      if (value !== undefined) given[field] = value;
      continue;
    }
    const text = value.toWellFormed();
    const type = FIELD_TYPES[field];
    const canonical = (type === 'guid' && parseGuid(text)) || text;
    const isUnset = (type === 'guid' && canonical === NIL_GUID) || (type === 'date' && isUnsetDate(text));
    if (text.trim() !== '' && !isUnset) given[field] = canonical;
  }
  return given;
}

function wrongFields(given: Fields): Map<Field, string> {
  if (fitsSchema(given)) return new Map();
  return new Map(
    (fitsSchema.errors ?? []).map(({ keyword, params, instancePath }) => {
      if (keyword === 'required') return [params.missingProperty, `${params.missingProperty} is required.`];
      const field = instancePath.slice(1) as Field;
      return [field, SENTENCES[FIELD_TYPES[field]](field)];
    }),
  );
}
