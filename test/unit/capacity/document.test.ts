import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LIMITS, monthlyCosts, peak } from '../../../infra/capacity/model.ts';
import { tables } from '../../../infra/capacity/tables.ts';

const document = readFileSync(new URL('../../../docs/capacity.md', import.meta.url), 'utf8');

describe('docs/capacity.md', () => {
  test.each(Object.entries(tables()))('its table %s is what `npm run capacity` prints', (name, markdown) => {
    expect(document).toContain(`<!-- npm run capacity: ${name} -->\n\n${markdown}\n`);
  });
});

describe('the model', () => {
  test('adds up, by hand: a million logouts a day are 33 million requests a month', () => {
    const costs = Object.fromEntries(monthlyCosts(1_000_000).map(({ of, usd }) => [of, usd]));
    expect(costs['HTTP API requests']).toBeCloseTo(33, 6);
    expect(costs['Lambda requests']).toBeCloseTo(33 * 0.2, 6);
    // 33 million times 20 ms, and 330,000 starts of 250 ms, with half a GB: 371,250 GB-seconds.
    expect(costs['Lambda time']).toBeCloseTo(0.37125 * 13.3334, 6);
    expect(costs['DynamoDB writes']).toBeCloseTo(33 * 0.625, 6);
  });

  test('takes the second step of the price of requests', () => {
    const [requests] = monthlyCosts(100_000_000);
    expect(requests?.usd).toBeCloseTo(300 + 3_000 * 0.9, 6);
  });

  test('does not go where a price has a step that it does not know', () => {
    expect(() => monthlyCosts(1_000_000_000)).toThrow(/has another step beyond/);
  });

  test("is Little's law: 244 requests a second of 20 ms keep five environments at work", () => {
    const { requests, concurrency, concurrencyInStall } = peak(1_000_000);
    expect(requests).toBeCloseTo((1_100_000 * 0.2) / 900, 6);
    expect(concurrency).toBeCloseTo(requests * 0.02, 6);
    expect(concurrencyInStall).toBeCloseTo(requests * 4.9, 6);
  });

  test('names limits from the lowest to the highest', () => {
    const limits = LIMITS.map(({ requests }) => requests);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
  });
});
