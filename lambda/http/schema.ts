import type { Field } from '../domain/connection.ts';
import { parseGuid } from '../domain/guid.ts';

/** The longest value of a string field, in code points. */
export const MAX_STRING_LENGTH = 256;

/** The longest `message`, in code points. */
export const MAX_MESSAGE_LENGTH = 2_048;

const GUID = { type: 'string', format: 'guid' };
/** `parseDateTime` reads it, since what a date is depends on the zone. */
const DATE = { type: 'string' };
const STRING = { type: 'string', maxLength: MAX_STRING_LENGTH };
const MESSAGE = { type: 'string', maxLength: MAX_MESSAGE_LENGTH };
/** Visual Basic writes -1 for true. */
const BOOLEAN = { anyOf: [{ type: ['boolean', 'number'] }, { type: 'string', format: 'boolean' }] };

const PROPERTIES: Record<Field, object> = {
  id: GUID,
  locator: STRING,
  id_pos_sesion: GUID,
  terminal_id: STRING,
  success: BOOLEAN,
  message: MESSAGE,
  date_login: DATE,
  date_logout: DATE,
  terminal_type: STRING,
  id_user: GUID,
};

/** The JSON Schema of a request: of the values that it gives, without those that count as not given. */
export const REQUEST_SCHEMA = { type: 'object', required: ['id'], properties: PROPERTIES };

/** The formats that the schema names. The build links the compiled schema to these. */
export const formats = {
  guid: (text: string) => parseGuid(text) !== undefined,
  boolean: /^\s*(?:true|false)\s*$/i,
};
