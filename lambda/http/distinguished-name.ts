/**
 * One attribute: its type, its value in quotes or with escapes, and what separates it from the next. `;` and quotes are
 * of RFC 2253; `+` joins attributes to one relative name. Whitespace around a value is not part of it, unless escaped.
 */
const ATTRIBUTE =
  /\s*([a-z][a-z\d-]*|[\d.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^"\\,;+\s]|\\.|\s+(?![\s,;+]|$))*))\s*(?:[,;+]|$)/isy;

/** Bytes of UTF-8, two hexadecimal digits each, or the character itself. */
const ESCAPE = /((?:\\[\da-f]{2})+)|\\(.)/gis;

const COMMON_NAME_TYPES = ['cn', '2.5.4.3'];

/**
 * Reads the common name of a certificate's subject, such as `CN=T-1,OU=Bar\, left,O=Example`.
 *
 * @param distinguishedName as RFC 4514 writes it.
 * @returns `null` where there is not exactly one common name, or it is empty or not text (`#0c03…`), or where the whole
 *   is not a distinguished name.
 */
export function readCommonName(distinguishedName: string): string | null {
  const values: string[] = [];
  ATTRIBUTE.lastIndex = 0;
  while (ATTRIBUTE.lastIndex < distinguishedName.length) {
    const match = ATTRIBUTE.exec(distinguishedName);
    if (match === null) return null;
    const [, type = '', quoted, plain = ''] = match;
    if (!COMMON_NAME_TYPES.includes(type.toLowerCase())) continue;
    values.push(plain.startsWith('#') ? '' : unescapeValue(quoted ?? plain));
  }
  const [value] = values;
  return values.length === 1 && value ? value : null;
}

function unescapeValue(value: string): string {
  return value.replace(ESCAPE, (_, bytes?: string, character = '') =>
    bytes === undefined ? character : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString(),
  );
}
