import { expect, test } from 'vitest';
import type { Fault } from '../../../infra/drill/faults.ts';
import type { DrillResult, QueryRun } from '../../../infra/drill/game-day.ts';
import { missing } from '../../../infra/drill/verdict.ts';

const fault: Fault = {
  name: 'rain',
  breaks: 'It rains in.',
  seconds: 1,
  by: { what: 'connections' },
  answer: '503 store_unavailable',
  alarms: ['store-unavailable', 'gateway-5xx'],
  queries: [{ query: 'causes', finds: { outcome: 'store_unavailable', 'cause.name': 'Error' } }],
  section: 'store-unavailable',
};

const firing = (id: string, firesAfter = 3) =>
  ({ alarm: { name: `stack-${id}` }, firesAfter }) as DrillResult['firings'][number];
const outcome = (id: string, wrong?: string) =>
  ({ story: { terminal: { id } }, ...(wrong && { wrong }) }) as DrillResult['outcomes'][number];
const run = (...rows: string[][]) =>
  ({
    query: { id: 'causes', logs: ['function'], text: '' },
    finding: fault.queries[0],
    text: '',
    result: { columns: ['requests', 'outcome', 'cause.name'], rows },
  }) as QueryRun;

/** What happened where all is as it must be. */
const good = {
  fault,
  outcomes: [outcome('T-1'), outcome('T-2')],
  broken: { from: 0, to: 1_000, requests: [], throttledAt: [] },
  line: { outcome: 'store_unavailable' },
  firings: [firing('gateway-5xx'), firing('store-unavailable')],
  queries: [run(['9', 'store_unavailable', 'Error'], ['1', 'internal_error', 'TypeError'])],
};

const verdict = (changes: Partial<DrillResult> = {}) => missing({ ...good, ...changes }, 'stack');

test('nothing is missing where all happened; an alarm that nobody expected is no fault of the service', () => {
  expect(verdict()).toEqual([]);
  expect(verdict({ firings: [...fault.alarms, 'gateway-latency'].map((id) => firing(id)) })).toEqual([]);
});

test('a logout that is lost', () => {
  expect(verdict({ outcomes: [outcome('T-1'), outcome('T-2', 'still logged in')] })).toEqual([
    'T-2 is still logged in.',
  ]);
});

test('an alarm that is silent, or was on before the fault', () => {
  const sentence = 'The alarm gateway-5xx does not fire.';
  expect(verdict({ firings: [firing('store-unavailable')] })).toEqual([sentence]);
  expect(verdict({ firings: [firing('store-unavailable'), firing('gateway-5xx', -7)] })).toEqual([sentence]);
});

test('a query that finds something else first, or nothing', () => {
  expect(verdict({ queries: [run(['9', 'internal_error', 'Error'])] })).toEqual([
    'The first row of the query causes does not show outcome store_unavailable.',
  ]);
  expect(verdict({ queries: [run()] })).toEqual([
    'The first row of the query causes does not show outcome store_unavailable and cause.name Error.',
  ]);
});

test('an answer that no terminal got', () => {
  const { line: _, ...without } = good;
  expect(missing(without, 'stack')).toEqual([
    'No terminal was answered 503 store_unavailable, so there is no log line of it.',
  ]);
});
