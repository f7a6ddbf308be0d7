import { describe, expect, test } from 'vitest';
import { type AlarmRule, nextState } from '../../support/alarm-replay.ts';
import { compileMath } from '../../support/metric-math.ts';

/** `X` is bad, `0` is good, `-` has no value; the latest is last, as on AWS's page. */
const range = (text: string) => [...text].map((mark) => (mark === '-' ? undefined : mark === 'X'));

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
describe.each([
  [3, '0-X-X', 'OK', 'OK'],
  [3, '0----', 'OK', 'OK'],
  [3, '-----', 'ALARM', 'OK'],
  [3, '0XX-X', 'ALARM', 'ALARM'],
  [3, '--X--', 'ALARM', 'OK'],
  [2, '0-X-X', 'ALARM', 'ALARM'],
  [2, '00X0X', 'ALARM', 'ALARM'],
  [2, '0-X--', 'ALARM', 'OK'],
  [2, '----0', 'ALARM', 'OK'],
  [2, '---X-', 'ALARM', 'OK'],
] as const)("a row of AWS's tables: %i of 3, %s", (datapointsToAlarm, marks, breaching, notBreaching) => {
  test.each(Object.entries({ breaching, notBreaching }))('%s: %s', (treatMissingData, state) => {
    const rule = { datapointsToAlarm, evaluationPeriods: 3, treatMissingData } as AlarmRule;
    expect(nextState(rule, range(marks), 'INSUFFICIENT_DATA')).toBe(state);
  });
});

test('an alarm that ignores missing values stays as it is without one', () => {
  const rule = { datapointsToAlarm: 1, evaluationPeriods: 1, treatMissingData: 'ignore' } as const;
  for (const state of ['OK', 'ALARM'] as const) expect(nextState(rule, range('-'), state)).toBe(state);
  expect(nextState(rule, range('X'), 'OK')).toBe('ALARM');
  expect(nextState(rule, range('0'), 'ALARM')).toBe('OK');
});

test.each([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3 - 4 / 2', 7],
  ['100 * a / b', 50],
  ['IF(a >= 100, b, 0)', 0],
  ['IF(a >= 2, b, 0)', 4],
  ['IF(none >= 2, b, 0)', undefined],
  ['FILL(none, 0)', 0],
  ['FILL(a, 0)', 2],
  ['a + none', undefined],
  ['a / 0', undefined],
  ['100 * a / SERVICE_QUOTA(b)', 20],
  ['100 * a / SERVICE_QUOTA(none)', undefined],
  ['a >= 3 && b >= 3', 0],
  ['INSIGHT_RULE_METRIC("rule", "UniqueContributors") + 1', 6],
])('metric math: %s is %s', (expression, value) => {
  expect(compileMath(expression, 10)({ a: 2, b: 4, 'rule|UniqueContributors': 5 })).toBe(value);
});

test.each(['AVG(a)', 'a ^ 2', 'FILL(a, REPEAT)', '(a', 'a b', 'IF(a, b)'])(
  'metric math that a replay does not know is refused: %s',
  (expression) => {
    expect(() => compileMath(expression, 10)({ a: 1, b: 1 })).toThrow();
  },
);
