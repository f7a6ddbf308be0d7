import { describe, expect, test } from 'vitest';
import { FIELD_TYPES, FIELDS, type Field, type FieldType } from '../../lambda/domain/connection.ts';
import { type ErrorCode, InvalidConnectionError } from '../../lambda/domain/errors.ts';
import { REQUEST_TYPES } from '../../lambda/http/media-type.ts';
import { REQUEST_SCHEMA } from '../../lambda/http/schema.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { answerExamples, at, document, operation, validatorAt } from '../support/api-document.ts';
import type { PutRequest } from '../support/events.ts';
import { form, ID, read } from './http/chain.ts';

const { schemas } = document.components;

/** A schema as ajv validates with it: what is for readers left out, and the document's name of a date replaced. */
function plain(schema: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(schema), (name, value) => {
    if (['description', 'examples'].includes(name)) return undefined;
    return name === 'format' && value === 'connection-date' ? 'date' : value;
  });
}

/** What the document allows beside a given value. In JSON a number is one too, for a string. */
const BESIDE: Readonly<Record<FieldType, readonly object[]>> = {
  guid: [{ $ref: '#/components/schemas/NotGiven' }],
  string: [{ type: 'number' }, { $ref: '#/components/schemas/NotGiven' }],
  boolean: [{ $ref: '#/components/schemas/NotGiven' }],
  date: [{ $ref: '#/components/schemas/UnsetDate' }, { $ref: '#/components/schemas/NotGiven' }],
};

test('the document has the three formats of a request, and the version of the package', () => {
  expect(Object.keys(operation.requestBody.content)).toEqual([...REQUEST_TYPES]);
  expect(document.info.version).toBe(packageJson.version);
});

test('it has the ten fields, in their order, wherever it lists them', () => {
  expect(Object.keys(schemas.LogoutRequest.properties)).toEqual(FIELDS);
  expect(Object.keys(schemas.Connection.properties)).toEqual(FIELDS);
  expect(schemas.Connection.required).toEqual(FIELDS);
  expect(schemas.InvalidConnection.allOf[1].properties.errors.items.properties.field.enum).toEqual(FIELDS);
});

/** Every outcome that is no success: the compiler asks for a new one here. */
const CODES = {
  malformed_body: true,
  invalid_connection: true,
  connection_not_found: true,
  already_logged_out: true,
  body_too_large: true,
  unsupported_media_type: true,
  internal_error: true,
  store_unavailable: true,
} satisfies Record<ErrorCode, true>;

test('it describes and shows every outcome, once', () => {
  const described = [...JSON.stringify(schemas).matchAll(/"code":\{"const":"(\w+)"/g)].map(
    ([, code]) => code,
  );
  expect(described.sort()).toEqual(Object.keys(CODES).sort());
  const shown = answerExamples().flatMap(({ value }) => ('code' in value ? [value.code] : []));
  expect([...new Set(shown)].sort()).toEqual(Object.keys(CODES).sort());
});

describe('the schema of a request is the one that ajv validates with, and what counts as not given', () => {
  test('it requires what that requires, and allows other fields as that does', () => {
    const { properties, ...rest } = REQUEST_SCHEMA;
    const { properties: _, ...documented } = schemas.LogoutRequest;
    expect(plain(documented)).toEqual(rest);
    expect(Object.keys(properties)).toEqual(FIELDS);
  });

  test.each(FIELDS)('%s', (field) => {
    const { anyOf, allOf } = schemas.LogoutRequest.properties[field];
    const [given, ...beside] = anyOf ?? allOf;
    expect(plain(at(given.$ref))).toEqual(REQUEST_SCHEMA.properties[field]);
    expect(beside).toEqual(
      field === 'id' ? [{ $ref: '#/components/schemas/NoNilGuid' }] : BESIDE[FIELD_TYPES[field]],
    );
  });
});

/** Values of every kind, right and wrong, at the edges of what is allowed. */
const VALUES: readonly unknown[] = [
  ...[null, '', '  \t\u00a0', true, false, 0, 1, 2, -1.5, 1e300, [], ['x'], {}, { id: ID }],
  ...['true', ' FALSE ', 'yes', '0', '1', 'x', 'null'],
  ...[
    ID,
    ID.toUpperCase(),
    ` {${ID}} `,
    `(${ID})`,
    ID.replaceAll('-', ''),
    `{${ID}`,
    `{${ID})`,
    ID.slice(1),
    `0x${ID}`,
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    '{00000000-0000-0000-0000-000000000000}',
    '0'.repeat(32),
    '{}',
    '-',
  ],
  ...[
    '2026-05-09',
    '2026-05-09T17:00',
    ' 2026-05-09 17:00:00.1234567+0200 ',
    '2026-05-09T17:00:00Z',
    '/Date(0)/',
  ],
  ...[
    '2026-02-30',
    '2026-05-09T24:00',
    '2026-05-09T17:00:60',
    '05/09/2026',
    '2026-05-09Z',
    '2026-05-09T17:00+15:00',
  ],
  ...[
    '0001-01-01T00:00:00',
    '0001-12-31',
    '0001-13-01',
    '/Date(-62135578800000-0500)/',
    '0002-01-01T00:00+01:00',
  ],
  ...[
    'x'.repeat(256),
    'x'.repeat(257),
    '😀'.repeat(256),
    '😀'.repeat(257),
    'x'.repeat(2048),
    'x'.repeat(2049),
  ],
];

/** The fields that the function refuses, but for dates that it could read and that do not go together. */
async function refused(request: PutRequest): Promise<Field[]> {
  try {
    await read(request);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConnectionError)) throw error;
    return error.errors.filter(({ message }) => !/ahead of|earlier/.test(message)).map(({ field }) => field);
  }
}

/** The fields that the document refuses. */
function refusedBy(schema: 'LogoutRequest' | 'LogoutForm', fields: object): Field[] {
  const validate = validatorAt(`#/components/schemas/${schema}`);
  if (validate(fields)) return [];
  const wrong = validate.errors?.map(
    ({ instancePath, params }) => params.missingProperty ?? instancePath.slice(1),
  );
  return FIELDS.filter((field) => wrong?.some((path) => path.split('/')[0] === field));
}

describe('the document allows what the function takes, value by value', () => {
  test.each(FIELDS)('for %s, as JSON', async (field) => {
    for (const value of VALUES) {
      const fields = { id: ID, [field]: value };
      const wrong = await refused({ body: fields });
      expect(refusedBy('LogoutRequest', fields), JSON.stringify(value)).toEqual(wrong);
    }
  });

  test.each(FIELDS)('for %s, as a form', async (field) => {
    for (const value of VALUES.filter((one) => typeof one === 'string')) {
      const fields = { id: ID, [field]: value };
      const wrong = await refused(form(`${new URLSearchParams(fields)}`));
      expect(refusedBy('LogoutForm', fields), JSON.stringify(value)).toEqual(wrong);
    }
  });
});

test('no id is refused by both, and so is every wrong field at once', async () => {
  const fields = { id_user: 'x', success: 'yes', locator: [], date_login: 'noon' };
  expect(refusedBy('LogoutRequest', fields)).toEqual(['id', 'locator', 'success', 'date_login', 'id_user']);
  expect(refusedBy('LogoutRequest', fields)).toEqual(await refused({ body: fields }));
});
