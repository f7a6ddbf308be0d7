import type { Template } from 'aws-cdk-lib/assertions';
import { resources } from './synth.ts';

/** Who may assume a role, and every action that it allows, with the resources. */
export interface Granted {
  readonly to: unknown;
  readonly actions: Readonly<Record<string, readonly unknown[]>>;
  /** Everything else: managed policies, inline ones, conditions, denials. */
  readonly beyond: readonly unknown[];
}

/** What every role of a template allows, read from the role itself and from the policies that name it. */
export function grantedRoles(template: Template): Granted[] {
  const all = Object.entries(resources(template));
  const policies = all.filter(([, { Type }]) => Type === 'AWS::IAM::Policy').map(([, policy]) => policy);
  return all
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .map(([id, { Properties: role }]) => {
      const statements = policies
        .filter(({ Properties }) => Properties.Roles.some((name: { Ref?: string }) => name.Ref === id))
        .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
      const actions: Record<string, unknown[]> = {};
      for (const { Action, Resource } of statements) {
        for (const action of [Action].flat()) actions[action] = (actions[action] ?? []).concat(Resource);
      }
      const { AssumeRolePolicyDocument, Tags: _, ...more } = role;
      const beyond = statements
        .map(({ Effect, Action: _a, Resource: _r, ...rest }) => ({
          ...(Effect !== 'Allow' && { Effect }),
          ...rest,
        }))
        .filter((rest) => Object.keys(rest).length > 0);
      return {
        to: AssumeRolePolicyDocument.Statement.map(({ Principal }: { Principal: unknown }) => Principal),
        actions,
        beyond: [...beyond, ...Object.entries(more)],
      };
    });
}
