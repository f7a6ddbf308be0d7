import { readSettings } from '../../infra/read-settings.ts';
import type { Settings } from '../../infra/settings.ts';
import { contextOf, domain, existingTable, jwt, lambda, mutualTls, synthStack } from './synth.ts';

type Choice = Record<string, string>;

/** Each setting that changes what the template holds, and not just a value in it. */
const callers: readonly Choice[] = [
  { auth: 'iam' },
  { auth: 'none' },
  { ...jwt, jwtScopes: 'logout' },
  lambda,
];
const domains: readonly Choice[] = [
  {},
  domain,
  { ...mutualTls, certificateSubject: 'terminal_id', ownershipCertificateArn: domain.certificateArn },
];
const tables: readonly Choice[] = [{}, existingTable];
const deployments: readonly Choice[] = [
  { stage: 'prod', alarmEmail: 'on-call@example.com', rollout: 'canary' },
  { stage: 'prod', rollout: 'allAtOnce' },
  { stage: 'dev', rollout: 'canary' },
  { stage: 'dev', rollout: 'allAtOnce' },
];

/** One combination of settings, synthesized. */
export interface Combination {
  /** The settings, to be read in a failed test. */
  readonly name: string;
  readonly settings: Settings;
  readonly synthesized: ReturnType<typeof synthStack>;
}

/** Synthesizes each combination of callers, domain and table, with each deployment in turn: it meets all of them. */
export function synthesizeAll(): Combination[] {
  return callers.flatMap((caller, c) =>
    domains.flatMap((ownDomain, d) =>
      tables.map((table, t) =>
        synthesize({ ...caller, ...ownDomain, ...table, ...deployments[(c + d + t) % deployments.length] }),
      ),
    ),
  );
}

function synthesize(settings: Choice): Combination {
  return {
    name: Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    settings: readSettings(contextOf(settings)),
    synthesized: synthStack(settings),
  };
}
