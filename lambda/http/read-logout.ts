import { FIELD_TYPES, FIELDS, type Field, type FieldType, IDENTITY_FIELDS } from '../domain/connection.ts';
import { createDateTime, type DateTime, isUnsetDate, parseDateTime } from '../domain/date-time.ts';
import { NIL_GUID, parseGuid } from '../domain/guid.ts';
import { type LogoutRequest, validateDateLogout } from '../domain/logout.ts';
import type { TimeZone } from '../domain/time-zone.ts';
import { type FieldError, InvalidConnectionError } from './errors.ts';
import type { RequestFields } from './event.ts';
import { MAX_MESSAGE_LENGTH, MAX_STRING_LENGTH } from './schema.ts';
import { validate } from './validator.ts';

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
 * @param zone where a date without an offset is wall-clock time.
 * @param receivedAtMs the server's clock when the request came in, in milliseconds since 1970.
 * @throws {InvalidConnectionError} when fields are wrong: it names every one of them, in the record's order.
 */
export function readLogout(fields: RequestFields, zone: TimeZone, receivedAtMs: number): LogoutRequest {
  const given = normalizeFields(fields);
  const problems = findSchemaProblems(given);
  const readText = (field: Field): string | undefined => {
    const value = given[field];
    return typeof value === 'string' && !problems.has(field) ? value : undefined;
  };
  const readDate = (field: 'date_login' | 'date_logout', notBefore?: DateTime): DateTime | undefined => {
    const text = readText(field);
    if (text === undefined) return undefined;
    const date = parseDateTime(text, zone, notBefore);
    if (date === undefined) problems.set(field, describeProblem(field, 'format'));
    return date;
  };

  const receivedAt = createDateTime(receivedAtMs, zone);
  const dateLogin = readDate('date_login');
  const dateLogout = readDate('date_logout', dateLogin);
  const dateProblem = dateLogout && validateDateLogout(dateLogout, dateLogin, receivedAt);
  if (dateProblem !== undefined) problems.set('date_logout', dateProblem);

  const id = readText('id');
  const request = {
    identity: Object.fromEntries(IDENTITY_FIELDS.map((field) => [field, readText(field)])),
    message: readText('message'),
    dateLogout,
    receivedAt,
  };
  if (problems.size > 0 || id === undefined) {
    throw new InvalidConnectionError(sortProblems(problems), { ...request, id });
  }
  return { ...request, id };
}

function sortProblems(problems: ReadonlyMap<Field, Problem>): FieldError[] {
  return FIELDS.flatMap((field) => {
    const problem = problems.get(field);
    return problem === undefined ? [] : [{ field, ...problem }];
  });
}

/**
 * Leaves out the values that do not count as given: null, whitespace, and what a .NET client sends for a value that it
 * never set. Half a surrogate pair becomes U+FFFD, and a GUID its stored form.
 */
function normalizeFields(fields: RequestFields): RequestFields {
  const given: { [F in Field]?: unknown } = {};
  for (const field of FIELDS) {
    const value = fields[field] ?? undefined;
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
function findSchemaProblems(given: RequestFields): Map<Field, Problem> {
  const problems = new Map<Field, Problem>();
  if (validate(given)) return problems;
  for (const { keyword, instancePath } of validate.errors ?? []) {
    const field = FIELDS.find((name) => instancePath === `/${name}`);
    if (field === undefined) problems.set('id', { reason: 'required', message: 'id is required.' });
    else problems.set(field, describeProblem(field, REASONS[keyword] ?? 'format'));
  }
  return problems;
}

/** The keywords of the schema that say more than that the value has the wrong format. */
const REASONS: Readonly<Record<string, FieldError['reason']>> = { type: 'type', maxLength: 'too_long' };

function describeProblem(field: Field, reason: FieldError['reason']): Problem {
  return { reason, message: ERROR_MESSAGES[FIELD_TYPES[field]](field) };
}
