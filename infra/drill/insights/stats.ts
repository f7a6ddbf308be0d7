import { compare, fieldOf, type LogEvent, numberOf } from './events.ts';
import { QueryError, type Tokens } from './tokens.ts';

/** What `stats` makes of events: a row for each group, of the columns by which they are grouped and of figures. */
export interface Stats {
  readonly columns: readonly string[];
  readonly rowsOf: (events: readonly LogEvent[]) => LogEvent[];
}

/** A column of a row: its name, and what it holds for the events of the group. */
interface Column {
  readonly name: string;
  readonly calculate: (events: readonly LogEvent[]) => unknown;
}

/** What a group has in common. */
interface Key {
  readonly name: string;
  readonly read: (event: LogEvent) => unknown;
}

const SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a `stats`: one or more of `count(*)`, `count_distinct`, `latest`, `max` and `pct`, each with a name, by fields
 * or spans of time. Events without a field by which they are grouped are a group of their own.
 *
 * @throws {QueryError} when it holds anything else.
 */
export function readStats(tokens: Tokens): Stats {
  const figures = tokens.list(() => readFigure(tokens));
  tokens.expect('by');
  const keys = tokens.list(() => readKey(tokens));
  return {
    columns: [...keys, ...figures].map(({ name }) => name),
    rowsOf: (events) => {
      const groups = Map.groupBy(events, (event) =>
        JSON.stringify(keys.map((key) => key.read(event) ?? null)),
      );
      return [...groups.values()].map((group) => {
        const [first = {}] = group;
        return Object.fromEntries([
          ...keys.map((key) => [key.name, key.read(first)]),
          ...figures.map((figure) => [figure.name, figure.calculate(group)]),
        ]);
      });
    },
  };
}

function readFigure(tokens: Tokens): Column {
  const calculate = readFunction(tokens);
  tokens.expect('as');
  return { name: tokens.name(), calculate };
}

function readFunction(tokens: Tokens): Column['calculate'] {
  const called = tokens.name();
  tokens.expect('(');
  if (called === 'count') {
    tokens.expect('*');
    tokens.expect(')');
    return (events) => events.length;
  }
  const field = tokens.name();
  const values = (events: readonly LogEvent[]) =>
    events.map((event) => fieldOf(event, field)).filter((value) => value !== undefined);
  const numbers = (events: readonly LogEvent[]) =>
    values(events)
      .flatMap((value) => numberOf(value) ?? [])
      .toSorted((a, b) => a - b);
  const percent = called === 'pct' ? percentage(tokens) : 100;
  tokens.expect(')');
  switch (called) {
    case 'count_distinct':
      return (events) => new Set(values(events)).size;
    case 'latest':
      return (events) => fieldOf(latest(events), field);
    // The largest value is the one that no value of a hundred exceeds.
    case 'max':
    case 'pct':
      return (events) => {
        const sorted = numbers(events);
        return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
      };
    default:
      throw new QueryError(`Not known in stats: ${called}`);
  }
}

function percentage(tokens: Tokens): number {
  tokens.expect(',');
  return tokens.number();
}

/** Of several at one moment the last that was read. */
function latest(events: readonly LogEvent[]): LogEvent {
  return events.reduce((last, event) =>
    compare(event['@timestamp'], last['@timestamp']) > 0 ? event : last,
  );
}

function readKey(tokens: Tokens): Key {
  const name = tokens.name();
  if (!tokens.takeIf('(')) return { name, read: (event) => fieldOf(event, name) };
  const [, count, unit] = /^(\d+)([smhd])$/.exec(tokens.take()) ?? [];
  if (name !== 'bin' || unit === undefined) throw new QueryError(`Not known behind by: ${name}`);
  tokens.expect(')');
  const span = Number(count) * (SPANS[unit] as number);
  return {
    name: `bin(${count}${unit})`,
    read: (event) => timeText(Math.floor(Number(event['@timestamp']) / span) * span),
  };
}

/** Writes a time as CloudWatch shows it, in UTC. @param milliseconds since 1970. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '');
}
