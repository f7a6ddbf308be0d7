import { readSettings } from '../../infra/read-settings.ts';
import type { Settings } from '../../infra/settings.ts';
import { contextOf, domain, existingTable, jwt, lambda, mutualTls, synthStack } from './synth.ts';

type Choice = Record<string, string>;

/** Each setting that changes what the template holds, and not just a value in it. */
const choices: readonly (readonly Choice[])[] = [
  [{ auth: 'iam' }, { auth: 'none' }, { ...jwt, jwtScopes: 'logout' }, lambda],
  [
    {},
    domain,
    { ...mutualTls, certificateSubject: 'terminal_id', ownershipCertificateArn: domain.certificateArn },
  ],
  [{}, existingTable],
  [{ rollout: 'canary' }, { rollout: 'allAtOnce' }],
  [{ stage: 'prod', alarmEmail: 'on-call@example.com' }, { stage: 'dev' }],
];

/** One combination of settings, synthesized. */
export interface Combination {
  /** The settings, to be read in a failed test. */
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
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
      settings: readSettings(contextOf(set)),
      synthesized: synthStack(set),
    }));
}
