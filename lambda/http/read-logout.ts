import { FIELD_TYPES, FIELDS, type Field, type FieldType, IDENTITY_FIELDS } from '../domain/connection.ts';
import { type DateTime, dateTimeAt, hasOffset, isUnsetDate, parseDateTime } from '../domain/date-time.ts';
import { NIL_GUID, parseGuid } from '../domain/guid.ts';
import { type Caller, type Logout, validateDateLogout } from '../domain/logout.ts';
import type { TimeZone } from '../domain/time-zone.ts';
import { type FieldError, InvalidConnectionError } from './errors.ts';
import { isJsonObject } from './json-object.ts';
import { MAX_MESSAGE_LENGTH, MAX_STRING_LENGTH } from './schema.ts';
import { validate as fitsSchema } from './validator.ts';

/** The values that a request gives, by the record's fields. */
type GivenFields = { readonly [F in Field]?: unknown };

/** What is wrong with a field, without its name. */
type Problem = Omit<FieldError, 'field'>;

const ERROR_MESSAGES: Record<FieldType, (field: Field) => string> = {
  guid: (field) => `${field} must be a GUID, such as 9da91479-03ed-42f5-9827-e03302f1a8e7.`,
  date: (field) =>
    `${field} must be a date that exists, of the years 0002 to 9999, such as 2026-05-09T17:00:00+02:00.`,
  boolean: (field) => `${field} must be true or false.`,
  string: (field) =>
    `${field} must be a string or a number, of at most ${field === 'message' ? MAX_MESSAGE_LENGTH : MAX_STRING_LENGTH} characters.`,
};

/**
 * Reads a logout from the fields of a request.
 *
 * @param body what was parsed of the body: an object whose names are the record's.
 * @param zone where a date without an offset is wall-clock time.
 * @param receivedAtMs the server's clock when the request came in, in milliseconds since 1970.
 * @param caller what the caller has proved.
 * @throws {InvalidConnectionError} when fields are wrong: it names every one of them, in the record's order.
 */
export function readLogout(body: unknown, zone: TimeZone, receivedAtMs: number, caller: Caller): Logout {
  const fields = normalizeFields(body);
  const problems = schemaProblems(fields);
  const text = (field: Field): string | undefined => {
    const value = fields[field];
    return typeof value === 'string' && !problems.has(field) ? value : undefined;
  };
  const date = (field: 'date_login' | 'date_logout', notBefore?: DateTime): DateTime | undefined => {
    const value = text(field);
    if (value === undefined) return undefined;
    const read = parseDateTime(value, zone, notBefore);
    if (read === undefined) problems.set(field, problemOf(field, 'format'));
    return read;
  };

  const receivedAt = dateTimeAt(receivedAtMs, zone);
  const dateLogin = date('date_login');
  const dateLogout = date('date_logout', dateLogin);
  const dateProblem = dateLogout && validateDateLogout(dateLogout, dateLogin, receivedAt);
  const sentDate = text('date_logout');
  if (dateProblem !== undefined) problems.set('date_logout', dateProblem);

  const id = text('id');
  const logout = {
    identity: Object.fromEntries(IDENTITY_FIELDS.map((field) => [field, text(field)])),
    message: text('message'),
    dateLogout,
    dateHasOffset: sentDate === undefined ? undefined : hasOffset(sentDate),
    receivedAt,
    caller,
  };
  if (problems.size > 0 || id === undefined)
    throw new InvalidConnectionError(inOrder(problems), { ...logout, id });
  return { ...logout, id };
}

function inOrder(problems: ReadonlyMap<Field, Problem>): FieldError[] {
  return FIELDS.flatMap((field) => {
    const problem = problems.get(field);
    return problem === undefined ? [] : [{ field, ...problem }];
  });
}

/**
 * The values that count as given: not null, not whitespace, and not what a .NET client sends for a value that it never
 * set. Half a surrogate pair becomes U+FFFD, and a GUID its stored form.
 *
 * @param body what was parsed: an object whose names are the record's.
 */
function normalizeFields(body: unknown): GivenFields {
  const given: { [F in Field]?: unknown } = {};
  if (!isJsonObject(body)) return given;
  for (const field of FIELDS) {
    const value = body[field] ?? undefined;
    const normalized = typeof value === 'string' ? normalizeText(value, FIELD_TYPES[field]) : value;
    if (normalized !== undefined) given[field] = normalized;
  }
  return given;
}

function normalizeText(value: string, type: FieldType): string | undefined {
  const text = value.toWellFormed();
  if (text.trim() === '' || (type === 'date' && isUnsetDate(text))) return undefined;
  const guid = type === 'guid' ? parseGuid(text) : undefined;
  return guid === NIL_GUID ? undefined : (guid ?? text);
}

/** What the schema says against each field. Of several things against one field the last one counts. */
function schemaProblems(fields: GivenFields): Map<Field, Problem> {
  const problems = new Map<Field, Problem>();
  if (fitsSchema(fields)) return problems;
  for (const { keyword, instancePath } of fitsSchema.errors ?? []) {
    const field = FIELDS.find((name) => instancePath === `/${name}`);
    if (field === undefined) problems.set('id', { reason: 'required', message: 'id is required.' });
    else problems.set(field, problemOf(field, REASONS[keyword] ?? 'format'));
  }
  return problems;
}

/** The keywords of the schema that say more than that the value has the wrong format. */
const REASONS: Readonly<Record<string, FieldError['reason']>> = { type: 'type', maxLength: 'too_long' };

function problemOf(field: Field, reason: FieldError['reason']): Problem {
  return { reason, message: ERROR_MESSAGES[FIELD_TYPES[field]](field) };
}
