import { expect, test } from 'vitest';
import { median, medianRatio } from '../../tools/bench/measure.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

test('the ratio is the median of those of each round, so that slow rounds cancel out', () => {
  expect(medianRatio([2, 10, 3], [4, 20, 3])).toBe(0.5);
});
