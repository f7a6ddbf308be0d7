import type { Settings } from '../../infra/settings.ts';
import { readSettings } from '../../infra/settings.ts';
import { domain, jwt, mutualTls, synthStack } from './synth.ts';

type Choice = Record<string, string>;

/** Each setting that changes what the template holds, and not just a value in it. */
const choices: readonly (readonly Choice[])[] = [
  [{ auth: 'iam' }, { auth: 'none' }, jwt],
  [{}, domain, mutualTls],
  [{}, { tableName: 'login-connections' }],
  [{ rollout: 'canary' }, { rollout: 'allAtOnce' }],
  [{ stage: 'prod' }, { stage: 'dev' }],
  [{}, { alarmEmail: 'on-call@example.com' }],
];

/** One combination of settings, synthesized. */
export interface Combination {
  /** As a deployer would write it. */
  readonly name: string;
  readonly settings: Settings;
  readonly synthesized: ReturnType<typeof synthStack>;
}

/** Synthesizes every combination. It takes some seconds. */
export function synthesizeAll(): Combination[] {
  return choices
    .reduce<Choice[]>(
      (sets, options) => sets.flatMap((set) => options.map((option) => ({ ...set, ...option }))),
      [{}],
    )
    .map((set) => ({
      name: Object.entries(set)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
      settings: readSettings(set),
      synthesized: synthStack(set),
    }));
}
