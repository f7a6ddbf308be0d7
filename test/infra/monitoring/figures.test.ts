import { expect, test } from 'vitest';
import { domain, jwt, mutualTls, resources, synthTemplate, writeValue } from '../synth.ts';

const WATCHED =
  /^AWS::(CloudWatch::|Logs::(MetricFilter|QueryDefinition)|Events::|Lambda::EventInvokeConfig)|PROBE_URL/;
/** The probe, and what names the stage in a metric. */
const PROBE = /^AWS::CloudWatch::Alarm|PROBE_URL/;
const INTRINSIC = /^(Ref|Fn::(GetAtt|Join))$/;

/** With references by name, bodies as JSON, and without the hash of a version, which changes with the bundle. */
function simplify(_name: string, value: unknown): unknown {
  const [key = ''] = Object.keys(value ?? {});
  const text = typeof value === 'object' && INTRINSIC.test(key) ? writeValue(value) : value;
  if (typeof text !== 'string') return text;
  const stable = text.replace(/(CurrentVersion)[0-9A-Fa-f]{40}/g, '$1');
  return stable.startsWith('{"') ? JSON.parse(stable) : stable;
}

test.each([
  ['prod', WATCHED, { ...domain, ...jwt }],
  // What depends on the settings: who calls, and the stage's name.
  ['prod-iam', PROBE, {}],
  [
    'dev-mutual-tls',
    PROBE,
    { stage: 'dev', ...mutualTls, auth: 'none', probe: true, alarmEmail: 'a@example.com' },
  ],
])(
  'each figure and output of %s is that of its file: npx vitest -u writes it',
  async (name, watched, settings) => {
    const template = synthTemplate(settings);
    const found = Object.entries(resources(template)).filter(([, { Type, Properties }]) =>
      watched.test(`${Type} ${JSON.stringify(Properties.Environment ?? '')}`),
    );
    const lines = found.flatMap(([id, { Properties }]) => {
      // The runbook's test holds the texts, and the bundle changes the code.
      const {
        Tags: _tags,
        Code: _code,
        AlarmDescription: _text,
        ...figures
      } = Properties as Record<string, unknown>;
      return Object.entries(figures).map(([key, value]) => [id.replace(/[0-9A-F]{8}$/, ''), key, value]);
    });
    const outputs = Object.entries(template.findOutputs('*')).map(([key, { Value }]) => [
      'Output',
      key,
      Value,
    ]);
    const text = [...lines, ...outputs].map(
      ([of, key, value]) => `${of} ${key} ${JSON.stringify(value, simplify)}\n`,
    );
    await expect(text.join('')).toMatchFileSnapshot(`figures/${name}.txt`);
  },
);
