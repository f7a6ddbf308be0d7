import { expect, test } from 'vitest';
import { domain, jwt, resources, synthTemplate, writeValue } from '../synth.ts';

const WATCHED =
  /^AWS::(CloudWatch::|Logs::(MetricFilter|QueryDefinition)|Events::|Lambda::EventInvokeConfig)/;
const INTRINSIC = /^(Ref|Fn::(GetAtt|Join))$/;

/** With references by name, bodies as JSON, and without the hash of a version, which changes with the bundle. */
function simplify(_name: string, value: unknown): unknown {
  const [key = ''] = Object.keys(value ?? {});
  const text = typeof value === 'object' && INTRINSIC.test(key) ? writeValue(value) : value;
  if (typeof text !== 'string') return text;
  const stable = text.replace(/(CurrentVersion)[0-9A-Fa-f]{40}/g, '$1');
  return stable.startsWith('{"') ? JSON.parse(stable) : stable;
}

test('each figure, pattern and query of the monitoring is that of figures.txt: npx vitest -u writes it', async () => {
  const all = Object.entries(resources(synthTemplate({ ...domain, ...jwt })));
  const watched = all.filter(([id, { Type }]) => WATCHED.test(Type) || /ProbeWatchFunction/.test(id));
  const lines = watched.flatMap(([id, { Properties }]) => {
    // The runbook's test holds the texts, and the bundle changes the code.
    const {
      Tags: _tags,
      Code: _code,
      AlarmDescription: _text,
      ...figures
    } = Properties as Record<string, unknown>;
    const name = id.replace(/[0-9A-F]{8}$/, '');
    return Object.entries(figures).map(
      ([key, value]) => `${name} ${key} ${JSON.stringify(value, simplify)}\n`,
    );
  });
  await expect(lines.join('')).toMatchFileSnapshot('figures.txt');
});
