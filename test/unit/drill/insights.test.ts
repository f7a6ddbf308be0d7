import { describe, expect, test } from 'vitest';
import { runQuery } from '../../../infra/drill/insights/query.ts';
import { QueryError } from '../../../infra/drill/insights/tokens.ts';

const at = (minute: number) => Date.UTC(2026, 4, 9, 15, minute);

/** Lines as an Insights query sees them, in no order. */
const events = [
  { '@timestamp': at(1), id: 'b', status: 200, ms: 9, terminal: 'T-1' },
  { '@timestamp': at(3), id: 'd', status: 503, ms: 10.5, cause: { name: 'Timeout', stack: null } },
  { '@timestamp': at(0), id: 'a', status: '404', ms: 100, terminal: 'T-2', exists: false },
  { '@timestamp': at(2), id: 'c', status: 503, ms: 80, cause: { name: 'Throttled', status: 400 } },
];

const ids = (query: string) => runQuery(`fields id | ${query}`, events).rows.map(([id]) => id);

describe('fields', () => {
  test('chooses the columns, the latest line first; what a line does not have is empty', () => {
    expect(runQuery('fields @timestamp, id, cause.name, cause.stack, exists', events)).toEqual({
      columns: ['@timestamp', 'id', 'cause.name', 'cause.stack', 'exists'],
      rows: [
        ['2026-05-09 15:03:00.000', 'd', 'Timeout', '', ''],
        ['2026-05-09 15:02:00.000', 'c', 'Throttled', '', ''],
        ['2026-05-09 15:01:00.000', 'b', '', '', ''],
        ['2026-05-09 15:00:00.000', 'a', '', '', 'false'],
      ],
    });
  });

  test('shows an object as JSON', () => {
    expect(runQuery('fields cause | limit 1', events).rows).toEqual([['{"name":"Timeout","stack":null}']]);
  });

  test('left out, time and message are shown', () => {
    expect(runQuery('limit 1', [{ '@timestamp': at(0), '@message': 'hello' }])).toEqual({
      columns: ['@timestamp', '@message'],
      rows: [['2026-05-09 15:00:00.000', 'hello']],
    });
  });
});

test.each([
  ['status = 503', ['d', 'c']],
  ['status = 404', ['a']],
  ['status != 503', ['b', 'a']],
  ['status >= 400 and status < 500', ['a']],
  ['ms > 80', ['a']],
  ['ms <= 10', ['b']],
  ['terminal = "T-1"', ['b']],
  ['status like /^4/', ['a']],
  ['id in ["a", "d"]', ['d', 'a']],
  ['ispresent(cause.name)', ['d', 'c']],
  ['ispresent(cause.stack)', []],
  ['id = "a" or id = "b" and status = 503', ['a']],
  ['(id = "a" or id = "b") and status = 200', ['b']],
  // A comparison with a field that is not there.
  ['terminal != "T-1"', ['a']],
  ['cause.status = 400', ['c']],
])('filter %s', (condition, found) => {
  expect(ids(`filter ${condition}`)).toEqual(found);
});

test.each([
  ['sort ms asc', ['b', 'd', 'c', 'a']],
  ['sort ms desc', ['a', 'c', 'd', 'b']],
  ['sort terminal asc', ['b', 'a', 'd', 'c']],
  ['sort terminal desc', ['a', 'b', 'd', 'c']],
  ['sort ms desc | limit 2', ['a', 'c']],
])('%s', (command, found) => {
  expect(ids(command)).toEqual(found);
});

describe('stats', () => {
  test('counts by fields, and a field that is missing is a group of its own', () => {
    expect(runQuery('stats count(*) as lines by cause.name, status | sort lines desc', events)).toEqual({
      columns: ['cause.name', 'status', 'lines'],
      rows: [
        ['Timeout', '503', '1'],
        ['Throttled', '503', '1'],
        ['', '200', '1'],
        ['', '404', '1'],
      ],
    });
  });

  test.each([
    ['count(*)', '2'],
    ['count_distinct(id)', '2'],
    ['count_distinct(cause.status)', '1'],
    ['count_distinct(terminal)', '0'],
    ['latest(cause.name)', 'Timeout'],
    ['latest(cause.status)', ''],
    ['max(ms)', '80'],
    ['max(terminal)', ''],
    ['pct(ms, 50)', '10.5'],
    ['pct(ms, 95)', '80'],
  ])('%s', (figure, value) => {
    const query = `filter status = 503 | stats ${figure} as figure by status`;
    expect(runQuery(query, events).rows).toEqual([['503', value]]);
  });

  test('groups by spans of time', () => {
    expect(runQuery('stats count(*) as lines by bin(2m)', events)).toEqual({
      columns: ['bin(2m)', 'lines'],
      rows: [
        ['2026-05-09 15:02:00.000', '2'],
        ['2026-05-09 15:00:00.000', '2'],
      ],
    });
  });

  test('of nothing is nothing', () => {
    expect(runQuery('stats count(*) as lines by id', []).rows).toEqual([]);
  });
});

test.each([
  'parse @message "*" as x',
  'display id',
  'dedup id',
  'fields id | fields ms',
  'stats count(*) as n by id | stats count(*) as n by n',
  'stats count(*) as n',
  'stats count(*) by id',
  'stats count(id) as n by id',
  'stats avg(ms) as n by id',
  'stats count(*) as n by datefloor(1h)',
  'stats count(*) as n by bin(1w)',
  'filter not ispresent(id)',
  'filter id like "a"',
  'filter id =~ /a/',
  'filter id = a',
  "filter id = 'a'",
  'filter id not in ["a"]',
  'filter (id = "a"',
  'filter strlen(id) > 1',
  'fields ms * 2',
  'fields id as name',
  'sort id',
  'sort ms, id desc',
  'limit',
  'limit 1.5',
  '# a comment',
  'fields id |',
  '',
])('what the saved queries do not use is refused: %s', (query) => {
  expect(() => runQuery(query, events)).toThrow(QueryError);
});
