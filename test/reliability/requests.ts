import fc from 'fast-check';
import { MARKED_USER, MARKER } from '../../tools/soak/connections.ts';
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
  /** What the item holds after it, besides what it held before. */
  readonly stored: { readonly message?: string; readonly date_logout?: string };
}

/** A request that is wrong by construction. */
export interface InvalidRequest {
  readonly event: PutEvent;
  /** The fields that are wrong. */
  readonly wrong: readonly string[];
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

const TYPES: Readonly<Record<string, string>> = {
  id: 'guid',
  locator: 'string',
  id_pos_sesion: 'guid',
  terminal_id: 'string',
  success: 'boolean',
  message: 'string',
  date_login: 'date',
  date_logout: 'date',
  terminal_type: 'string',
  id_user: 'guid',
};

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

/** Any text with something to see in it, marked. Half a surrogate pair is left to the bodies of any kind. */
const messages = fc.string({ unit: 'grapheme', maxLength: 40 }).map((tail) => MARKER + tail);

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

/** Values that are wrong for a field, whatever the others are. */
const WRONG: Readonly<Record<string, Written[]>> = {
  guid: [
    ...['x', '9da91479-03ed-42f5-9827-e03302f1a8e', '{9da91479-03ed-42f5-9827-e03302f1a8e7)'].map(text),
    ...['9da9147903ed-42f5-9827-e03302f1a8e7', '{0x9da91479,0x03ed}', `${MARKER}é`].map(text),
    ...['0', '1e5', 'true', 'false', '[]', '{}', `["${MARKER}"]`].map(source),
  ],
  string: [text('😀'.repeat(257)), ...['true', 'false', '[]', '{}', `{"a":"${MARKER}"}`].map(source)],
  boolean: [
    ...['yes', '0', '1', 'truefalse', MARKER].map(text),
    ...['2', '-1', '0.5', '[]', '{}', '[true]'].map(source),
  ],
  date: [
    ...['noon', '2026-02-30', '2026-05-09T24:00', '2026-05-09T17:00:60Z', '2026-05-09+02:00'].map(text),
    ...['05/09/2026', '2026-05-09T17:00+14:01', '10000-01-01', '0002-01-01T00:00+10:00', '2026-5-9'].map(
      text,
    ),
    ...['2026-05-09T17:00:00.1234567890', '/Date(9999999999999999)/', '/Date()/', MARKER].map(text),
    ...['0', '1778340600000', 'true', '[]', '{}'].map(source),
  ],
};

function wrong(field: string): fc.Arbitrary<Written> {
  const values = [...(WRONG[TYPES[field] ?? ''] ?? [])];
  if (field === 'id') values.push(...(NOT_GIVEN.guid ?? []));
  if (field === 'message') values[0] = text('😀'.repeat(2_049));
  if (field === 'date_logout')
    values.push(text(new Date(Date.now() + 3_600_000).toISOString()), text('9999-12-31'));
  return fc.constantFrom(...values);
}

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
  field: fc.constantFrom(
    'constructor',
    'toString',
    'hasOwnProperty',
    'id_',
    'terminalid',
    ' id',
    '',
    MARKER,
    'é',
  ),
  json: fc.json({ maxDepth: 4 }),
  form: fc.string({ unit: 'grapheme', maxLength: 20 }),
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
      wrongs: all(wrong),
      given: fc.subarray(others),
      doubled: fc.subarray(others),
      date: fc.constantFrom(...DATES),
      message: messages,
      strange: fc.array(strangers, { maxLength: 3 }),
      style: styles,
    })
    .map(({ rights, wrongs, given, doubled, date: [sent, date_logout], message, strange, style }) => {
      const values: Readonly<Record<string, Written>> = { date_logout: text(sent), message: text(message) };
      const fields = rights
        .filter(({ field }) => field === 'id' || given.includes(field))
        .map((field) => ({ ...field, ...values[field.field] }));
      const decoys = wrongs.filter(({ field }) => given.includes(field) && doubled.includes(field));
      return {
        event: write(fields, [...strange, ...decoys], style),
        stored: {
          ...(given.includes('date_logout') && { date_logout }),
          ...(given.includes('message') && { message }),
        },
      };
    });
}

/** Requests with some wrong fields. */
export function invalidRequests(id: string): fc.Arbitrary<InvalidRequest> {
  return fc
    .record({
      rights: all((field) => right(field, id)),
      wrongs: all(wrong),
      wrong: fc.subarray(FIELDS, { minLength: 1 }),
      style: styles,
    })
    .map(({ rights, wrongs, wrong, style }) => {
      const fields = rights.map((field, index) =>
        wrong.includes(field.field) ? (wrongs[index] ?? field) : field,
      );
      return { event: write(fields, [], style), wrong };
    });
}

const LARGEST = 65_536;

const TOKENS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '\\"',
    '\\u0000',
    '\\ud800',
    '\\uDFFF',
    ' ',
    '\0',
    '\n',
    '\t',
    '\r',
  ],
  ...[
    '0',
    '9',
    '-',
    '+',
    '.',
    'e',
    '1e999',
    'true',
    'null',
    'T',
    'Z',
    '/Date(',
    ')/',
    '&',
    '=',
    '%',
    '%ff',
    '%4',
  ],
  ...[
    '"id"',
    '"ID":',
    '"message":"',
    '"__proto__":{}',
    '"constructor":[]',
    ',"":0',
    '{"a":',
    '[[',
    '€',
    '😀',
  ],
  ...[
    '\uFEFF',
    '\u2028',
    '\u00A0',
    '\ud800',
    'id=',
    'message=x&',
    '%69d=',
    '0000-',
    '9da91479-',
    "'",
    '//',
    '/*',
  ],
];

/** Up to 64 KiB of a piece, over and over: what is quadratic shows. */
const repeated = fc
  .tuple(
    fc.array(fc.constantFrom(...TOKENS), { maxLength: 6 }),
    fc.array(fc.constantFrom(...TOKENS), { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom(...TOKENS), { maxLength: 6 }),
    fc.constantFrom(100, 5_000, LARGEST),
  )
  .map(([start, piece, end, length]) => {
    const ends = start.join('') + end.join('');
    const times = Math.floor((length - Buffer.byteLength(ends)) / Buffer.byteLength(piece.join('')));
    return start.join('') + piece.join('').repeat(Math.max(times, 0)) + end.join('');
  });

/** A field of up to 64 KiB: what each field's own rule makes of it. */
const longFields = fc
  .tuple(
    fc.constantFrom(...Object.keys(TYPES)),
    fc.constantFrom(...TOKENS),
    fc.constantFrom('', 'x', 'Z"', ')'),
  )
  .map(([field, piece, end]) => {
    const start = `{"${field}":"`;
    return `${start}${piece.repeat((LARGEST - start.length - 5) / Buffer.byteLength(piece))}${end}"}`;
  });

const nested = fc
  .constantFrom('[', '{"":', '{"message":', '[{"id":')
  .map((open) => open.repeat(LARGEST / open.length));

const contentTypes = fc.constantFrom(
  'application/json',
  'text/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/json,text/json',
  '',
  ';',
  null,
);

/** Events with a body of any bytes, or of what comes close to JSON and to forms. */
export const anyBodies: fc.Arbitrary<PutEvent> = fc
  .tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: LARGEST - 1, maxLength: LARGEST + 1, size: 'max' }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.json({ maxDepth: 5 }),
      fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((tokens) => tokens.join('')),
      repeated,
      longFields,
      nested,
    ),
    contentTypes,
    fc.boolean(),
  )
  .map(([body, contentType, base64]) => putEvent(markedRequest({}, { body, contentType, base64 })));

/** Where an event may differ from one that the gateway sends. */
const PATHS = [
  ...[
    'version',
    'routeKey',
    'rawPath',
    'rawQueryString',
    'headers',
    'requestContext',
    'body',
    'isBase64Encoded',
  ],
  ...['cookies', 'queryStringParameters', 'stageVariables', 'pathParameters', '__proto__', 'constructor'],
  ...[
    'headers.content-type',
    'headers.accept',
    'headers.host',
    'headers.content-length',
    'headers.__proto__',
  ],
  ...[
    'requestContext.requestId',
    'requestContext.http',
    'requestContext.authorizer',
    'requestContext.timeEpoch',
  ],
  ...['requestContext.authorizer.jwt', 'requestContext.authorizer.jwt.claims', 'requestContext.http.method'],
  'requestContext.authorizer.jwt.claims.sub',
  'requestContext.authentication',
  'requestContext.authentication.clientCert',
  'requestContext.authentication.clientCert.subjectDN',
  'headers.content-encoding',
];

const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, -1, true, false, '', 'x', [], {}, [[]], {
    toString: 1,
  }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '*/*,'.repeat(2_500),
    ';q='.repeat(3_000),
    'text/json;q=0,'.repeat(700),
    '"'.repeat(10_000),
  ),
);

/** A valid request's events with values missing, null or of another type, and values that are not an event. */
export function oddEvents(id: string): fc.Arbitrary<unknown> {
  const changes = fc.array(fc.tuple(fc.constantFrom(...PATHS), odd), { minLength: 1, maxLength: 3 });
  const changed = fc
    .tuple(validRequests(id), changes)
    .map(([{ event }, all]) =>
      all.reduce<object>((changing, [path, value]) => withValueAt(changing, path.split('.'), value), event),
    );
  return fc.oneof({ weight: 20, arbitrary: changed }, fc.jsonValue());
}

function withValueAt(container: unknown, [name = '', ...rest]: string[], value: unknown): object {
  const fields = new Map(
    Object.entries(typeof container === 'object' && container !== null ? container : {}),
  );
  fields.set(name, rest.length > 0 ? withValueAt(fields.get(name), rest, value) : value);
  // As JSON: what is undefined is missing, and a name such as __proto__ is one like others.
  return JSON.parse(JSON.stringify(Object.fromEntries(fields)));
}
