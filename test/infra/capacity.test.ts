import { expect, test } from 'vitest';
import { ASSUMED, CUSTOM_METRICS } from '../../infra/capacity/assumptions.ts';
import { synthTemplate } from './synth.ts';

test('docs/capacity.md counts no fewer metrics in alarms than there are, and not many more', () => {
  const alarms = Object.values(synthTemplate().findResources('AWS::CloudWatch::Alarm'));
  const metrics = alarms.map(({ Properties }) => {
    const math: { MetricStat?: object }[] = Properties.Metrics ?? [{ MetricStat: {} }];
    return math.filter(({ MetricStat }) => MetricStat !== undefined).length;
  });
  const together = metrics.reduce((sum, one) => sum + one, 0);
  expect(together).toBeLessThanOrEqual(ASSUMED.alarmMetrics);
  expect(together).toBeGreaterThan(ASSUMED.alarmMetrics / 2);
  expect(CUSTOM_METRICS).toBe(16);
});
