import { expect, test } from 'vitest';
import { drawChart } from '../../../tools/bench/chart.ts';

test('a chart has a bar for each contender of a panel, with its median and its ratio to bare', () => {
  const samples = new Map([
    ['bare', [9, 10, 11]],
    ['this', [4.5, 5, 5.5]],
  ]);
  const svg = drawChart([{ title: 'CPU <first>', samples }], ['this', 'absent', 'bare'], ['a note']);
  expect(svg.match(/<rect class="(?:bar|ours)"/g)).toHaveLength(2);
  expect([...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
    'CPU &lt;first>',
    'this',
    '5.00 ms  0.50×',
    'bare',
    '10.0 ms  1.00×',
    'a note',
  ]);
});
