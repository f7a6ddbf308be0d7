import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAVED_QUERIES } from '../../infra/monitoring/queries.ts';
import { FAULTS } from '../../tools/drill/faults.ts';
import { type DrillSession, startDrill } from '../../tools/drill/session.ts';
import { resources, synthTemplate } from '../infra/synth.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

let session: DrillSession;
let alarmNames: string[];
beforeAll(async () => {
  session = await startDrill();
  alarmNames = Object.values(resources(synthTemplate({ stage: 'drill', production: true })))
    .filter(({ Type }) => /^AWS::CloudWatch::(Composite)?Alarm$/.test(Type))
    .map(({ Properties }) => Properties.AlarmName);
}, 60_000);
afterAll(() => session.close());

/** A field of a line by its path, such as `cause.name`. */
const fieldOf = (line: unknown, path: string) =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], line);

describe.each(FAULTS.map((fault) => [fault.name, fault] as const))(
  'the fault %s of the drill',
  (_, fault) => {
    test('is logged as it declares, and no logout is lost', async () => {
      const { lines, terminals } = await session.run(fault, 1);
      expect(terminals.filter(({ isLoggedOut }) => !isLoggedOut)).toEqual([]);
      const found = lines.map((text) => {
        const line: unknown = JSON.parse(text);
        return Object.fromEntries(Object.keys(fault.logs).map((path) => [path, fieldOf(line, path)]));
      });
      expect(found).toContainEqual(fault.logs);
    });

    test('declares an alarm of the stack, a saved query and a section of the runbook', () => {
      expect(alarmNames).toContain(`connection-logout-drill-${fault.alarm}`);
      expect(SAVED_QUERIES.map(({ id }) => id)).toContain(fault.query);
      expect(RUNBOOK).toMatch(new RegExp(`^#+ ${fault.section}$`, 'm'));
    });
  },
);
