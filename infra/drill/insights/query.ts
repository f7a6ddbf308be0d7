import { readCondition } from './condition.ts';
import { compare, fieldOf, type LogEvent } from './events.ts';
import { readStats, timeText } from './stats.ts';
import { QueryError, Tokens } from './tokens.ts';

/** What a query found: rows of texts, one for each column. A column without a value is an empty text. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What one command leaves to the next. */
interface Table {
  readonly events: readonly LogEvent[];
  /** The columns that are shown; absent while no command has chosen them. */
  readonly columns?: readonly string[];
}

/** What CloudWatch shows where a query chooses no columns. */
const DEFAULT_COLUMNS = ['@timestamp', '@message'];

/**
 * Runs a query of CloudWatch Logs Insights over lines that were recorded: exactly the part of the language that the
 * saved queries use, which are the commands `fields`, `filter`, `stats`, `sort` and `limit`.
 *
 * @param text the query.
 * @param events the lines, in any order. As in CloudWatch the latest comes first, where the query does not sort.
 * @throws {QueryError} when the query uses anything else.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function runQuery(text: string, events: readonly LogEvent[]): QueryResult {
  const tokens = new Tokens(text);
  let table: Table = { events: sorted(events, '@timestamp', 'desc') };
  do {
    table = command(tokens, table);
  } while (tokens.takeIf('|'));
  if (tokens.next !== '') throw new QueryError(`Not known: ${tokens.next}`);
  const columns = table.columns ?? DEFAULT_COLUMNS;
  return { columns, rows: table.events.map((event) => columns.map((name) => cell(event, name))) };
}

function command(tokens: Tokens, { events, columns }: Table): Table {
  const chosen = columns && { columns };
  const name = tokens.take();
  switch (name) {
    case 'fields':
      // A second one would add to the first; none of the saved queries has one.
      if (columns !== undefined) throw new QueryError('A second command that chooses columns');
      return { events, columns: tokens.list(() => tokens.name()) };
    case 'filter':
      return { events: events.filter(readCondition(tokens)), ...chosen };
    case 'stats': {
      if (columns !== undefined) throw new QueryError('A second command that chooses columns');
      const stats = readStats(tokens);
      return { events: stats.rowsOf(events), columns: stats.columns };
    }
    case 'sort': {
      const field = tokens.name();
      const order = tokens.take();
      if (order !== 'asc' && order !== 'desc') throw new QueryError(`sort ${field} without asc or desc`);
      return { events: sorted(events, field, order), ...chosen };
    }
    case 'limit':
      return { events: events.slice(0, tokens.number()), ...chosen };
    default:
      throw new QueryError(`Not known as a command: ${name || 'the end'}`);
  }
}

/** What has no value comes last. */
function sorted(events: readonly LogEvent[], field: string, order: 'asc' | 'desc'): LogEvent[] {
  return events.toSorted((one, other) => {
    const [a, b] = [fieldOf(one, field), fieldOf(other, field)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return order === 'asc' ? compare(a, b) : compare(b, a);
  });
}

function cell(event: LogEvent, name: string): string {
  const value = fieldOf(event, name);
  if (value === undefined) return '';
  if (name === '@timestamp') return timeText(Number(value));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
