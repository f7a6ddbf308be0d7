/**
 * A line of a log, as queries see it: its fields, and CloudWatch's own `@timestamp` (milliseconds since 1970), `@log`
 * and `@message`.
 */
export type LogEvent = Readonly<Record<string, unknown>>;

/**
 * Reads a field as queries name it.
 *
 * @param name a column's own name, or a path into the line's JSON, such as `cause.name`.
 * @returns the value; `undefined` where there is none, or it is null.
 */
export function fieldOf(event: LogEvent, name: string): unknown {
  if (Object.hasOwn(event, name)) return event[name] ?? undefined;
  let value: unknown = event;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value ?? undefined;
}

/**
 * The order of two values: numbers, also those written in texts as the access log does, by size, all else as text.
 *
 * @returns below nought where `a` comes first, above it where `b` does.
 */
export function compare(a: unknown, b: unknown): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

/** @returns a number, also from a text that is one; else `undefined`. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
