/** A GUID in the one form that is stored, compared and returned: lower-case 8-4-4-4-12. */
export type Guid = string;

/** What a .NET client sends for a GUID that it never set. */
export const NIL_GUID: Guid = '00000000-0000-0000-0000-000000000000';

const FORM = /^([{(]?)([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})([)}]?)$/;
const CLOSING: Readonly<Record<string, string>> = { '': '', '{': '}', '(': ')' };

/**
 * Reads a GUID.
 *
 * @param text 8-4-4-4-12 or 32 digits, bare or in `{}` or `()`, in any case, with whitespace around it.
 * @returns the GUID in lower-case 8-4-4-4-12; `undefined` where the text is not a GUID.
 */
export function parseGuid(text: string): Guid | undefined {
  const match = FORM.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const [, opening = '', first, , second, third, fourth, last, closing] = match;
  return closing === CLOSING[opening] ? `${first}-${second}-${third}-${fourth}-${last}` : undefined;
}
