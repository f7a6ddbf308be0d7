/** What kind of value each field holds. */
export type FieldType = 'guid' | 'string' | 'boolean' | 'date';

/** The ten fields of a `cmd_connection`, always in this order, and what each of them holds. */
export const FIELD_TYPES = {
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
} as const satisfies Record<string, FieldType>;

/** The name of one of the ten fields. */
export type Field = keyof typeof FIELD_TYPES;

/** The names of the ten fields, in their order. */
export const FIELDS = Object.keys(FIELD_TYPES) as readonly Field[];

/** Whether a name, in lower case, is that of one of the ten fields. */
export function isField(name: string): name is Field {
  return Object.hasOwn(FIELD_TYPES, name);
}

/** The fields that say whose connection it is: each one that a request gives must equal the stored one. */
export const IDENTITY_FIELDS = [
  'locator',
  'id_pos_sesion',
  'terminal_id',
  'terminal_type',
  'id_user',
] as const;

/** The name of a field that says whose connection it is. */
export type IdentityField = (typeof IDENTITY_FIELDS)[number];

/** A connection as the table holds it. A field for which the item has no value, or one of another type, is absent. */
export type Connection = {
  readonly [F in Field]?: (typeof FIELD_TYPES)[F] extends 'boolean' ? boolean : string;
};

/** The id of a connection that no login service makes: a request for it gets a 404, and changes nothing. */
export const NONEXISTENT_ID = '00000000-0000-0000-0000-000000000001';

/** What a stored date begins with that was never set: a .NET login service stores `0001-01-01T00:00:00`. */
export const UNSET_YEAR = '0001-';

/**
 * Whether a stored `date_logout` says that the connection is still logged in.
 *
 * @param dateLogout the attribute's value, of whatever type: `null` for a NULL, `undefined` where there is none.
 */
export function isLoggedIn(dateLogout: unknown): boolean {
  if (dateLogout === undefined || dateLogout === null || dateLogout === '') return true;
  return typeof dateLogout === 'string' && dateLogout.startsWith(UNSET_YEAR);
}
