import { type Connection, FIELD_TYPES, FIELDS, type Field } from '../../lambda/domain/connection.ts';
import { type DateTime, parseDateTime } from '../../lambda/domain/date-time.ts';
import { parseGuid } from '../../lambda/domain/guid.ts';
import type { TimeZone } from '../../lambda/domain/time-zone.ts';
import { isJsonObject } from '../../lambda/http/json-object.ts';
import { normalizeFields } from '../../lambda/http/read-logout.ts';

/** A connection as it is written to the table; `id` is always there. */
export type ImportedItem = Connection & { readonly id: string };

/**
 * Makes an item, as the login service writes it, of a row of the old endpoint's store.
 *
 * @param row one JSON object, with the record's field names in any case. Other names are left out, and so is what
 *   counts as not given: null, whitespace, the nil GUID, a date in the year 0001.
 * @param zone where a date without an offset is wall-clock time: the old server's.
 * @throws {RangeError} a sentence without its full stop, about the first field that cannot be taken over.
 */
export function itemOf(row: unknown, zone: TimeZone): ImportedItem {
  if (row instanceof SyntaxError) throw new RangeError('it is not JSON');
  if (!isJsonObject(row)) throw new RangeError('it is not an object');
  const entries = Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]);
  const given = normalizeFields(Object.fromEntries(entries));
  const login = given.date_login;
  const dateLogin = typeof login === 'string' ? parseDateTime(login, zone) : undefined;
  const values = FIELDS.filter((field) => given[field] !== undefined).map(
    (field) => [field, stored(field, given[field], zone, dateLogin)] as const,
  );
  const item: Connection = Object.fromEntries(values);
  if (item.id === undefined) throw new RangeError('it has no id');
  return { ...item, id: item.id };
}

function stored(
  field: Field,
  value: unknown,
  zone: TimeZone,
  dateLogin: DateTime | undefined,
): string | boolean {
  const type = FIELD_TYPES[field];
  if (type === 'boolean') return readBoolean(field, value);
  if (typeof value !== 'string') throw new RangeError(`${field} is not a string`);
  if (type === 'string') return value;
  if (type === 'guid') {
    if (parseGuid(value) === undefined) throw new RangeError(`${field} is not a GUID`);
    return value;
  }
  const date = parseDateTime(value, zone, field === 'date_logout' ? dateLogin : undefined);
  if (date === undefined) throw new RangeError(`${field} is not a date`);
  return date.text;
}

function readBoolean(field: Field, value: unknown): boolean {
  const text = String(value).trim().toLowerCase();
  if (text === 'true' || value === 1) return true;
  if (text === 'false' || value === 0) return false;
  throw new RangeError(`${field} is neither true nor false`);
}
