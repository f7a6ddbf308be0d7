import { expect, test } from 'vitest';
import { Heaps } from '../../../tools/soak/heaps.ts';

test("a process's growth is counted from the end of its own warm-up, and one that started too late is left out", () => {
  const heaps = new Heaps(40);
  for (const [line, now] of [
    ['live heap 1 10', 0],
    ['live heap 1 14', 40],
    ['live heap 2 11', 50],
    ['live heap 3 11', 80],
    ['live heap 2 14', 90],
    ['live heap 1 15', 100],
    ['live heap 2 14', 100],
    ['live heap 3 16', 100],
  ] as const) {
    expect(heaps.read(line, now)).toBe(true);
  }
  expect(heaps.read('another line', 100)).toBe(false);
  expect(heaps.growth).toEqual([
    { pid: 1, first: 14, last: 15 },
    { pid: 2, first: 14, last: 14 },
  ]);
  expect(heaps.largest).toBe(16);
});
