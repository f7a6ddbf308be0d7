import fc from 'fast-check';
import { FIELD_TYPES } from '../../lambda/domain/connection.ts';
import { MARKED_USER, MARKER } from '../support/connections.ts';
import { type PutEvent, putEvent } from '../support/events.ts';
import { markedRequest } from '../support/marked-request.ts';

/** A value as a request writes it: the source of a JSON value, and the text in a form, where one can hold it. */
interface Written {
  readonly json: string;
  readonly form?: string;
}

/** A field, and a way to write it. */
interface WrittenField extends Written {
  readonly field: string;
}

/** A request that is right by construction. */
export interface ValidRequest {
  readonly event: PutEvent;
  /** What the item holds after it, beside what it held before. */
  readonly stored: { readonly message?: string; readonly date_logout?: string };
}

/** The identity of the connection that valid requests are about. Its terminal is a number that no double holds. */
export const IDENTITY = {
  locator: 'L-1 "ß\\/😀',
  id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
  terminal_id: '123456789012345678901234567890',
  terminal_type: 'true',
  id_user: MARKED_USER,
} as const;

const text = (value: string): Written => ({ json: JSON.stringify(value), form: value });
const source = (json: string): Written => ({ json });

const spellings = (guid: string): string[] => {
  const digits = guid.replaceAll('-', '');
  return [guid, guid.toUpperCase(), digits, `{${guid}}`, `(${digits.toUpperCase()})`, ` \t${guid}\n`];
};

/** How each field may be written so that it counts as not given. */
const NOT_GIVEN: Readonly<Record<string, Written[]>> = {
  guid: [source('null'), text(''), text('00000000-0000-0000-0000-000000000000'), text(' ')],
  string: [source('null'), text(''), text(' \t ')],
  date: [source('null'), text(''), text('0001-01-01T00:00:00'), text('/Date(-62135578800000-0500)/')],
  boolean: [source('null'), text(''), text(' ')],
};

const TYPES: Readonly<Record<string, string>> = FIELD_TYPES;

const notGiven = (field: string) => fc.constantFrom(...(NOT_GIVEN[TYPES[field] ?? ''] ?? []));

const HALF_PAST_FIVE = Date.parse('2026-05-09T15:30:00Z');

/** Dates of a logout as they are sent, and as they are stored where `TIME_ZONE` is UTC. */
const DATES: readonly [string, string][] = [
  ['2026-05-09', '2026-05-09T00:00:00Z'],
  ['2026-05-09 17:30', '2026-05-09T17:30:00Z'],
  [' 2026-05-09T17:30:00.1230000 ', '2026-05-09T17:30:00.123Z'],
  ['2026-05-09T17:30:00.1234567+02:00', '2026-05-09T17:30:00.1234567+02:00'],
  ['2026-05-09T17:30:00-0330', '2026-05-09T17:30:00-03:30'],
  ['2026-05-09T17:30:00.123456789Z', '2026-05-09T17:30:00.1234567Z'],
  ['2026-05-09T17:30:00+00', '2026-05-09T17:30:00+00:00'],
  ['2026-05-09T15:30z', '2026-05-09T15:30:00Z'],
  [`/Date(${HALF_PAST_FIVE})/`, '2026-05-09T15:30:00Z'],
  [`/Date(${HALF_PAST_FIVE + 7}+0200)/`, '2026-05-09T15:30:00.007Z'],
];

/** Any text, marked. */
const characters = fc.constantFrom('a', ' ', '"', '\\', '\0', '\n', '%', '&', '=', 'ñ', '€', '😀', '\u2028');
const messages = fc.string({ unit: characters, maxLength: 40 }).map((tail) => MARKER + tail);

/** A field that is right: given as it is stored, or not given. */
function right(field: string, id: string): fc.Arbitrary<Written> {
  const identity: Readonly<Record<string, string>> = { id, ...IDENTITY };
  const value = identity[field];
  if (TYPES[field] === 'guid' && value !== undefined) {
    const given = fc.constantFrom(...spellings(value).map(text));
    return field === 'id' ? given : fc.oneof({ weight: 3, arbitrary: given }, notGiven(field));
  }
  if (field === 'terminal_id') {
    return fc.oneof(fc.constant(text(IDENTITY.terminal_id)), fc.constant(source(IDENTITY.terminal_id)));
  }
  if (field === 'success') {
    const words = ['true', 'False', ' TRUE '].map(text);
    return fc.oneof(fc.constantFrom(...words, ...['true', 'false', '0', '1'].map(source)), notGiven(field));
  }
  if (field === 'date_login') {
    return fc.oneof(
      fc.constantFrom('2026-05-08', '1999-12-31T23:59:59.9999999-14:00').map(text),
      notGiven(field),
    );
  }
  return fc.oneof({ weight: 3, arbitrary: fc.constant(text(value ?? '')) }, notGiven(field));
}

/** What is wrong for any field, in JSON and in a form, and makes no difference where another value of the name counts. */
const WRONG: Written = { json: '[]', form: 'x'.repeat(2_049) };

/** How a request is written, whatever its fields are. */
const styles = fc.record({
  format: fc.constantFrom('json', 'form'),
  /** Which letters of the names are capitals, a bit each. */
  capitals: fc.integer(),
  whitespace: fc.constantFrom('', '', ' ', '\r\n\t '),
  front: fc.constantFrom('', '', '\uFEFF'),
  back: fc.constantFrom('', '', ' \n', '\0\0', ' \0 \r\n'),
  json: fc.constantFrom(
    'application/json',
    'text/json',
    'Application/JSON ; charset=utf-16',
    'text/json;charset="utf-8"',
  ),
  form: fc.constantFrom(
    'application/x-www-form-urlencoded',
    'application/X-WWW-Form-UrlEncoded; charset=iso-8859-1',
  ),
  base64: fc.boolean(),
  /** By which the fields are ordered. */
  order: fc.array(fc.nat(), { minLength: 10, maxLength: 10 }),
});

type Style = typeof styles extends fc.Arbitrary<infer Value> ? Value : never;

/** Names that are not those of fields, with any value. */
const strangers: fc.Arbitrary<WrittenField> = fc.record({
  field: fc.constantFrom('constructor', 'toString', 'id_', 'terminalid', ' id', '', MARKER, 'é'),
  json: fc.json({ maxDepth: 4 }),
  form: fc.string({ unit: characters, maxLength: 20 }),
});

/**
 * Writes an event, as JSON or, where all of its fields can stand in one, as a form.
 *
 * @param decoys what must make no difference: of equal names JSON takes the last and a form the first.
 */
function write(fields: readonly WrittenField[], decoys: readonly WrittenField[], style: Style): PutEvent {
  const { whitespace, front, back, capitals, order } = style;
  const ordered = fields
    .map((field, index) => ({ ...field, field: withCapitals(field.field, capitals), at: order[index] ?? 0 }))
    .sort((one, other) => one.at - other.at);
  const pairs = ordered.flatMap(({ field, form }): [string, string][] =>
    form === undefined ? [] : [[field, form]],
  );
  if (style.format === 'form' && pairs.length === fields.length) {
    const rest = decoys.map(({ field, form = '' }): [string, string] => [field, form]);
    return event(`${front}${new URLSearchParams([...pairs, ...rest])}${back}`, style.form);
  }
  const members = [...decoys, ...ordered].map(
    ({ field, json }) =>
      `${whitespace}${JSON.stringify(field)}${whitespace}:${whitespace}${json}${whitespace}`,
  );
  return event(`${front}{${members.join(',')}}${back}`, style.json, style.base64);
}

function withCapitals(name: string, capitals: number): string {
  return name.replace(/[a-z]/g, (letter, index) => ((capitals >> index) & 1 ? letter.toUpperCase() : letter));
}

function event(body: string, contentType: string, base64?: boolean): PutEvent {
  return putEvent(markedRequest({}, { body, contentType, ...(base64 !== undefined && { base64 }) }));
}

const FIELDS = Object.keys(TYPES);
const others = FIELDS.filter((field) => field !== 'id');

/** All fields, each with a value that `choose` gives it. */
function all(choose: (field: string) => fc.Arbitrary<Written>): fc.Arbitrary<WrittenField[]> {
  return fc.tuple(...FIELDS.map((field) => choose(field).map((value) => ({ field, ...value }))));
}

/** Requests that log the connection out, written in every way that the contract allows. */
export function validRequests(id: string): fc.Arbitrary<ValidRequest> {
  return fc
    .record({
      rights: all((field) => right(field, id)),
      given: fc.subarray(others),
      doubled: fc.subarray(others),
      date: fc.constantFrom(...DATES),
      message: messages,
      strange: fc.array(strangers, { maxLength: 3 }),
      style: styles,
    })
    .map(({ rights, given, doubled, date: [sent, date_logout], message, strange, style }) => {
      const values: Readonly<Record<string, Written>> = { date_logout: text(sent), message: text(message) };
      const fields = rights
        .filter(({ field }) => field === 'id' || given.includes(field))
        .map((field) => ({ ...field, ...values[field.field] }));
      const decoys = given.filter((field) => doubled.includes(field)).map((field) => ({ field, ...WRONG }));
      return {
        event: write(fields, [...strange, ...decoys], style),
        stored: {
          ...(given.includes('date_logout') && { date_logout }),
          ...(given.includes('message') && { message }),
        },
      };
    });
}
