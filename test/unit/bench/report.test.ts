import { expect, test } from 'vitest';
import { table } from '../../../tools/bench/report.ts';
import { median, spread } from '../../../tools/bench/statistics.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

test('the spread is how far the middle half lies apart, as a part of the median', () => {
  expect(spread([8, 9, 10, 11, 12])).toBeCloseTo(0.2);
  expect(spread([5])).toBe(0);
});

test('the table shows the median, its ratio to bare, and half the spread', () => {
  const samples = new Map([
    ['bare', [8, 9, 10, 11, 12]],
    ['this', [4, 5, 6]],
  ]);
  expect(table(['bare', 'this'], ['cold', { title: 'CPU, ms', samples }]).split('\n')).toEqual([
    '|          |            bare |            this |',
    '|----------|----------------:|----------------:|',
    '| **cold** |                 |                 |',
    '| CPU, ms  | 10.0 1.00× ±10% | 5.00 0.50× ±10% |',
  ]);
});

test('what can be nought or less has no ratio', () => {
  const samples = new Map([
    ['bare', [-10]],
    ['this', [5]],
  ]);
  expect(table(['bare', 'this'], [{ title: 'growth', samples }])).toMatch(
    /\| growth \| +-10\.0 \| +5\.00 \|$/,
  );
});
