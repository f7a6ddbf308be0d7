import { expect, test } from 'vitest';
import { formatTable } from '../../../tools/bench/report.ts';
import { median, ratio, spread } from '../../../tools/bench/statistics.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

test.each([
  [[8, 9, 10, 11, 12], 0.1],
  [[5], 0],
])(
  'the spread of %j is half the distance of the quartiles in proportion to the median: %d',
  (values, expected) => expect(spread(values)).toBeCloseTo(expected),
);

test('the ratio is the median of those of each round, so that slow rounds cancel out', () => {
  expect(ratio([2, 10, 3], [4, 20, 3])).toBe(0.5);
});

test('a cell of the table holds the median, its ratio to bare and the spread', () => {
  const samples = new Map([
    ['bare', [8, 9, 10, 11, 12]],
    ['this', [4, 4.5, 5, 5.5, 6]],
  ]);
  expect(
    formatTable(['bare', 'this', 'absent'], ['cold', { title: 'CPU, ms', samples }]).split('\n'),
  ).toEqual([
    '|  | bare | this | absent |',
    '| --- | --: | --: | --: |',
    '| **cold** |  |  |  |',
    '| CPU, ms | 10.0 1.00× ±10% | 5.00 0.50× ±10% |  |',
  ]);
});

test('values that may be zero or negative have no ratio', () => {
  const samples = new Map([
    ['bare', [-10]],
    ['this', [5]],
  ]);
  expect(formatTable(['bare', 'this'], [{ title: 'growth', samples }])).toMatch(/\| -10\.0 \| 5\.00 \|$/);
});
