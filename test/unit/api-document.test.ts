import { describe, expect, test } from 'vitest';
import { FIELDS, type Field } from '../../lambda/domain/connection.ts';
import { InvalidConnectionError } from '../../lambda/http/errors.ts';
import { REQUEST_TYPES } from '../../lambda/http/media-type.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { document, getValidator, operation } from '../support/api-document.ts';
import type { PutRequest } from '../support/events.ts';
import { form, ID, read } from './http/chain.ts';

const { schemas } = document.components;

test('the API document has the request formats and the version of the package', () => {
  expect(Object.keys(operation.requestBody.content)).toEqual([...REQUEST_TYPES]);
  expect(document.info.version).toBe(packageJson.version);
});

test('the API document lists the ten fields in the order of the record', () => {
  expect(Object.keys(schemas.LogoutRequest.properties)).toEqual(FIELDS);
  expect(Object.keys(schemas.Connection.properties)).toEqual(FIELDS);
  expect(schemas.Connection.required).toEqual(FIELDS);
  expect(schemas.FieldError.properties.field.enum).toEqual(FIELDS);
});

/** The fields that the function refuses; dates that contradict each other are not counted. */
function refusedByFunction(request: PutRequest): Field[] {
  try {
    read(request);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConnectionError)) throw error;
    return error.errors.filter(({ message }) => !/ahead of|earlier/.test(message)).map(({ field }) => field);
  }
}

/** The fields that the document refuses. */
function refusedByDocument(schema: 'LogoutRequest' | 'LogoutForm', fields: object): Field[] {
  const validate = getValidator(`#/components/schemas/${schema}`);
  if (validate(fields)) return [];
  const wrong = validate.errors?.map(
    ({ instancePath, params }) => params.missingProperty ?? instancePath.slice(1),
  );
  return FIELDS.filter((field) => wrong?.some((path) => path.split('/')[0] === field));
}

/** Strings at the edges of what each type allows. */
const STRINGS = [
  ...['', '  \t\u00a0', 'x', 'null', '0', '1', 'true', ' FALSE ', 'yes'],
  ...[ID, ID.toUpperCase(), ` {${ID}} `, `(${ID})`, ID.replaceAll('-', '')],
  ...[`{${ID}`, `{${ID})`, ID.slice(1), `0x${ID}`, '{}', '-'],
  ...['00000000-0000-0000-0000-000000000000', '{00000000-0000-0000-0000-000000000000}', '0'.repeat(32)],
  ...['2026-05-09', '2026-05-09T17:00', '2026-05-09T17:00:00Z', ' 2026-05-09 17:00:00.1234567+0200 '],
  ...['2026-05-09T17:00:00.123456789Z', '2026-05-09T17:00:00.1234567890Z', '/Date(0)/'],
  ...['2026-02-30', '2026-05-09T24:00', '2026-05-09T17:00:60', '05/09/2026', '2026-05-09Z'],
  ...['2026-05-09T17:00+15:00', '0002-01-01T00:00+01:00', '0001-13-01'],
  ...['0001-01-01T00:00:00', '0001-12-31', '/Date(-62135578800000-0500)/'],
  ...['01/01/0001 00:00:00', '1/1/0001 12:00:00 PM', '01/01/01'],
  ...[256, 257, 2048, 2049].map((length) => 'x'.repeat(length)),
  ...[256, 257].map((length) => '😀'.repeat(length)),
];

const OTHER_VALUES = [null, true, false, 0, 1, 2, -1.5, 1e300, [], ['x'], {}, { id: ID }];

test('the API document allows unknown fields', () => {
  expect(getValidator('#/components/schemas/LogoutRequest')({ id: ID, unknown: 1 })).toBe(true);
});

describe('the API document refuses the values that the function refuses', () => {
  test.each(FIELDS)('for %s in JSON', (field) => {
    for (const value of [...STRINGS, ...OTHER_VALUES]) {
      const fields = { id: ID, [field]: value };
      const refused = refusedByFunction({ body: fields });
      expect(refusedByDocument('LogoutRequest', fields), JSON.stringify(value)).toEqual(refused);
    }
  });

  test.each(FIELDS)('for %s in a form', (field) => {
    for (const value of STRINGS) {
      const fields = { id: ID, [field]: value };
      const refused = refusedByFunction(form(`${new URLSearchParams(fields)}`));
      expect(refusedByDocument('LogoutForm', fields), JSON.stringify(value)).toEqual(refused);
    }
  });
});
