import { alarmsOf, type TemplateAlarm } from '../../test/support/alarm-replay.ts';
import type { MeasuredResources } from '../../test/support/metric-samples.ts';
import { measuredResources } from '../../test/support/night.ts';
import { synthesizeStack } from '../local/synthesize.ts';
import { type LocalTemplate, readTemplate } from '../local/template.ts';

/** What a drill takes from the synthesized stack. */
export interface DrillTemplate {
  /** What runs on this machine. */
  readonly local: LocalTemplate;
  /** The stack's name, with which the names of alarms and saved queries begin. */
  readonly stackName: string;
  readonly alarms: readonly TemplateAlarm[];
  /** What AWS would measure, as the alarms name it. */
  readonly measured: MeasuredResources;
}

/**
 * Synthesizes the stack as stage `prod`, since that is what wakes people: its alarms have the names that a pager shows.
 * The bundle must have been built.
 *
 * @throws {SynthError} if there is no bundle.
 */
export function synthesize(): DrillTemplate {
  const { stackName, resources } = synthesizeStack({ stage: 'prod', alarmEmail: 'on-call@example.com' });
  return {
    local: readTemplate(resources),
    stackName,
    alarms: alarmsOf(resources),
    measured: measuredResources(resources),
  };
}
