import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../lambda/http/json.ts';
import { SynthError } from './errors.ts';
import {
  type Definition,
  definitions,
  isProductionName,
  type Name,
  type Settings,
  toSettings,
  type Values,
} from './settings.ts';

/** Values by the name of a setting, as a deployer wrote them. */
type Written = Readonly<Record<string, unknown>>;

const names = Object.keys(definitions) as Name[];

/** What a production stage must have in `cdk.json`. `tableName` may be `null` there: the stack creates the table. */
const WRITTEN_IN_PRODUCTION: readonly Name[] = ['auth', 'tableName', 'timeZone'];

/** What may be a flag in production too: what is deployed, and how. */
const FLAGS_IN_PRODUCTION: readonly Name[] = ['stage', 'rollout'];

/** CDK's own context: the names of its flags and look-ups hold one of `:/@`. */
const CDK_CONTEXT = /[:/@]|^(cli-telemetry|acknowledged-issue-numbers)$/;

/**
 * Reads and checks all settings.
 *
 * @param context the whole CDK context: `stages`, which holds the settings of each stage by its name as `cdk.json` has
 *   them, and flags, as `-c name=value` adds them. A flag wins, but not at a production stage, where one
 *   that differs from `cdk.json` is refused. `undefined` and `null` are not set.
 * @returns the settings, with defaults where nothing is set.
 * @throws {SynthError} when a value is wrong, one that another needs is missing, a name is not that of a setting, or
 *   a production stage is not written down. It names all of them, in a sentence each.
 */
export function readSettings(context: Written): Settings {
  const { stages = {}, ...flags } = context;
  if (!isJsonObject(stages) || !Object.values(stages).every(isJsonObject)) {
    throw new SynthError(
      'stages must hold an object of settings for each stage: see context.stages of cdk.json.',
    );
  }
  const stage = definitions.stage.parse(flags.stage ?? definitions.stage.default);
  const file = (stage !== undefined && (stages[stage] as Written | undefined)) || {};
  const set = { ...file, ...withoutUnset(flags) };

  const refusals: string[] = [];
  const values = Object.fromEntries(
    names.map((name) => {
      const { value, refusal } = read(name, set);
      if (refusal !== undefined) refusals.push(refusal);
      return [name, value];
    }),
  ) as Values;
  refusals.push(...checkDependencies(set, values));
  if (stage !== undefined && isProduction(stage, file, flags)) {
    refusals.push(...checkProduction(stage, file, flags));
  }
  refusals.push(...checkNames(flags, names), ...checkStages(stages as Record<string, Written>));

  if (refusals.length > 0) throw new SynthError(refusals.join('\n'));
  return toSettings(values);
}

/** Reads one setting: its value or its default, or why it is refused. */
function read(name: Name, set: Written): { value?: unknown; refusal?: string } {
  const definition: Definition<unknown> = definitions[name];
  const written = set[name] ?? definition.default;
  if (written === undefined) return {};
  const value = definition.parse(written);
  return value === undefined
    ? { refusal: `${describe(name, set)}, but may be ${definition.allowed}.` }
    : { value };
}

/** Settings that are refused without another one, and those that must be there with it. */
function checkDependencies(set: Written, values: Values): string[] {
  return names.flatMap((name) => {
    const { requires, mandatory, allowed }: Definition<unknown> = definitions[name];
    if (requires === undefined) return [];
    const { setting, value } = requires;
    const required = values[setting as Name];
    const isMet = value === undefined ? isSet(set, setting) : required === value;
    const condition = value === undefined ? setting : `${setting}=${value}`;
    if (isMet) {
      const isMissing = mandatory === true && !isSet(set, name);
      return isMissing ? [`${name} is not set, but with ${condition} it must be ${allowed}.`] : [];
    }
    // A wrong `auth` is refused itself, and does not say what was meant.
    if (!isSet(set, name) || (value !== undefined && required === undefined)) return [];
    const instead = value === undefined ? '' : `: ${setting} is "${required}"`;
    return [`${describe(name, set)}, but may be set with ${condition} only${instead}.`];
  });
}

/** Whether the stage is production, by what `cdk.json` or its name says. A flag can add the protection, not take it. */
function isProduction(stage: string, file: Written, flags: Written): boolean {
  const { parse } = definitions.production;
  return (parse(file.production) ?? isProductionName(stage)) || parse(flags.production) === true;
}

/** What a production stage must have in the file, and flags that differ from it. */
function checkProduction(stage: string, file: Written, flags: Written): string[] {
  const place = `context.stages.${stage} of cdk.json`;
  const missing = WRITTEN_IN_PRODUCTION.filter((name) =>
    name === 'tableName' ? file[name] === undefined : !isSet(file, name),
  ).map((name) => {
    const orNull = name === 'tableName' ? ', or null for a table that the stack creates' : '';
    return `${name} must be written in ${place}, since ${stage} is production: ${definitions[name].allowed}${orNull}.`;
  });

  const differing = names
    .filter((name) => isSet(flags, name) && !FLAGS_IN_PRODUCTION.includes(name))
    .filter((name) => {
      const { value, refusal } = read(name, flags);
      return refusal === undefined && !isDeepStrictEqual(value, read(name, file).value);
    })
    .map((name) => {
      const inFile = isSet(file, name) ? JSON.stringify(file[name]) : 'not set';
      return (
        `${describe(name, flags)} by a flag and ${inFile} in ${place}: ${stage} is production, so write the value ` +
        'there, and leave the flag out.'
      );
    });
  return [...missing, ...differing];
}

/** Names in the settings of any stage that are not those of settings. */
function checkStages(stages: Readonly<Record<string, Written>>): string[] {
  const allowed = names.filter((name) => name !== 'stage');
  return Object.entries(stages).flatMap(([stage, settings]) =>
    checkNames(settings, allowed, ` in context.stages.${stage} of cdk.json`),
  );
}

function checkNames(set: Written, allowed: readonly string[], place = ''): string[] {
  return Object.keys(set)
    .filter((name) => !allowed.includes(name) && !CDK_CONTEXT.test(name))
    .map(
      (name) =>
        `${describe(name, set)}${place}, but there is no such setting. The settings are: ${allowed.join(', ')}.`,
    );
}

const describe = (name: string, set: Written) => `${name} is ${JSON.stringify(set[name])}`;

const isSet = (set: Written, name: string) => (set[name] ?? undefined) !== undefined;

const withoutUnset = (set: Written) =>
  Object.fromEntries(Object.entries(set).filter(([name]) => isSet(set, name)));
