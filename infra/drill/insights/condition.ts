import { compare, fieldOf, type LogEvent } from './events.ts';
import { QueryError, type Tokens } from './tokens.ts';

/** What a `filter` asks of each event. */
export type Condition = (event: LogEvent) => boolean;

/**
 * A comparison with a field that an event does not have is false, `!=` too. AWS's pages do not say what it is there,
 * so no saved query may depend on it: each asks for events that have the field.
 */
const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

/**
 * Reads the condition of a `filter`: comparisons with a text or a number, `like` with a regular expression, `in` with
 * a list, `ispresent`, `and`, `or` and brackets.
 *
 * @throws {QueryError} when it holds anything else.
 */
export function readCondition(tokens: Tokens): Condition {
  const some = [readAll(tokens)];
  while (tokens.takeIf('or')) some.push(readAll(tokens));
  return (event) => some.some((condition) => condition(event));
}

/** What `and` joins binds closer than what `or` joins. */
function readAll(tokens: Tokens): Condition {
  const all = [readOne(tokens)];
  while (tokens.takeIf('and')) all.push(readOne(tokens));
  return (event) => all.every((condition) => condition(event));
}

function readOne(tokens: Tokens): Condition {
  if (tokens.takeIf('(')) {
    const inner = readCondition(tokens);
    tokens.expect(')');
    return inner;
  }
  const name = tokens.name();
  if (name === 'ispresent') {
    tokens.expect('(');
    const field = tokens.name();
    tokens.expect(')');
    return (event) => fieldOf(event, field) !== undefined;
  }
  const test = readTest(tokens);
  return (event) => {
    const value = fieldOf(event, name);
    return value !== undefined && test(value);
  };
}

function readTest(tokens: Tokens): (value: unknown) => boolean {
  const operator = tokens.take();
  if (operator === 'like') {
    const pattern = patternOf(tokens.take());
    return (value) => pattern.test(String(value));
  }
  if (operator === 'in') {
    tokens.expect('[');
    const listed = tokens.list(() => tokens.text());
    tokens.expect(']');
    return (value) => listed.includes(String(value));
  }
  const comparison = COMPARISONS[operator];
  if (comparison === undefined) throw new QueryError(`Not known in a filter: ${operator || 'the end'}`);
  const operand = tokens.next.startsWith('"') ? tokens.text() : tokens.number();
  return (value) => comparison(compare(value, operand));
}

function patternOf(token: string): RegExp {
  if (!/^\/.+\/$/.test(token)) throw new QueryError(`Not known behind like: ${token || 'the end'}`);
  return new RegExp(token.slice(1, -1));
}
