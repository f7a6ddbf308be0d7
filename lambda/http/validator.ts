import { _, Ajv } from 'ajv';
import { formats, REQUEST_SCHEMA } from './schema.ts';

/**
 * Compiles the schema. Tests do it at run time; the build does it once and puts the code in this module's place,
 * since ajv's compiler would cost the bundle 125 KB and each start 30 ms.
 */
export const ajv = new Ajv({
  allErrors: true,
  formats,
  allowUnionTypes: true,
  // 1e999 is a number too.
  strictNumbers: false,
  code: { source: true, esm: true, formats: _`formats` },
});

/** Whether values fit the schema. `validate.errors` holds everything that does not. */
export const validate = ajv.compile(REQUEST_SCHEMA);
