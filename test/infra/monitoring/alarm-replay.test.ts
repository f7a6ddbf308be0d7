import { describe, expect, test } from 'vitest';
import { type AlarmRule, nextState } from '../../support/alarm-replay.ts';
import { compileMath } from '../../support/metric-math.ts';

const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

/** A state that none of AWS's rows ends in, to see that it was kept. */
const before = 'INSUFFICIENT_DATA';

/** `X` is bad, `0` is good, `-` has no value; the latest is last, as on AWS's page. */
const range = (text: string) => [...text].map((mark) => (mark === '-' ? undefined : mark === 'X'));

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
describe.each([
  [3, '0-X-X', 'OK', 'OK', 'OK', 'OK'],
  [3, '0----', 'OK', 'OK', 'OK', 'OK'],
  [3, '-----', 'INSUFFICIENT_DATA', before, 'ALARM', 'OK'],
  [3, '0XX-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, '--X--', 'ALARM', before, 'ALARM', 'OK'],
  [2, '0-X-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '00X0X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0-X--', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '----0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '---X-', 'ALARM', before, 'ALARM', 'OK'],
] as const)("a row of AWS's tables: %i of 3, %s", (datapointsToAlarm, marks, ...states) => {
  test.each(treatments.map((treatment, at) => [treatment, states[at]]))(
    '%s: %s',
    (treatMissingData, state) => {
      const rule = { datapointsToAlarm, evaluationPeriods: 3, treatMissingData } as AlarmRule;
      expect(nextState(rule, range(marks), before)).toBe(state);
    },
  );
});

test('values that are bad for too short a time raise no alarm', () => {
  const rule = { datapointsToAlarm: 3, evaluationPeriods: 3, treatMissingData: 'missing' } as const;
  for (const marks of ['----X', '---X-']) expect(nextState(rule, range(marks), 'OK')).toBe('OK');
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
  ['a >= 3 || b >= 3', 1],
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
