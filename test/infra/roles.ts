import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Template } from 'aws-cdk-lib/assertions';
import { type Resource, resources } from './synth.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';

/** The values of CloudFormation's pseudo parameters in the simulated deployment. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** @returns an ARN in the simulated deployment, as `arn('dynamodb', 'table/connections')`. */
export const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** A role of a template, with all that was attached to it. */
export class TestedRole {
  /** Its logical id. */
  readonly id: string;
  /** The service that may assume it. */
  readonly service: string;
  /** Every action that a statement names. */
  readonly actions: readonly string[];
  readonly #policies: { name: string; policy: unknown }[];

  constructor(id: string, all: Readonly<Record<string, Resource>>) {
    const { AssumeRolePolicyDocument, Policies = [], Tags, ...more } = all[id]?.Properties ?? {};
    const [{ Principal }, ...otherStatements] = AssumeRolePolicyDocument.Statement;
    const { Service, ...otherPrincipals } = Principal;
    // Managed policies, others that may assume it, and anything else that could allow more.
    const unexpected = { ...more, ...otherStatements, ...otherPrincipals };
    if (Object.keys(unexpected).length > 0) throw new Error(`${id} has ${JSON.stringify(unexpected)}`);
    this.service = Service;
    const attached = Object.entries(all)
      .filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && isAttached(Properties.Roles, id))
      .map(([name, { Properties }]) => [name, Properties.PolicyDocument]);
    const inline = (Policies as { PolicyName: string; PolicyDocument: unknown }[]).map(
      ({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument],
    );
    this.id = id;
    this.#policies = [...attached, ...inline].map(([name, document]) => ({
      name: String(name),
      policy: resolve(document, all),
    }));
    this.actions = this.#policies
      // biome-ignore lint/suspicious/noExplicitAny: a policy document, as it was synthesized.
      .flatMap(({ policy }) => (policy as any).Statement)
      .flatMap(({ Action }) => Action)
      .toSorted();
  }

  /**
   * Whether the role may do an action on a resource, by IAM's rules.
   *
   * @param context values of condition keys.
   * @param resourcePolicy the policy of the resource itself, such as of a key.
   */
  async may(
    action: string,
    resource: string,
    context: Record<string, string> = {},
    resourcePolicy?: object,
  ): Promise<boolean> {
    const result = await runSimulation(
      {
        request: {
          principal: `arn:aws:iam::${ACCOUNT}:role/tested`,
          action,
          resource: { resource, accountId: ACCOUNT },
          contextVariables: context,
        },
        identityPolicies: this.#policies,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy,
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
    return result.overallResult === 'Allowed';
  }
}

/** Every role of a template. */
export function rolesOf(template: Template): TestedRole[] {
  const all = resources(template);
  return Object.keys(all)
    .filter((id) => all[id]?.Type === 'AWS::IAM::Role')
    .map((id) => new TestedRole(id, all));
}

const isAttached = (roles: readonly { Ref?: string }[], id: string) => roles.some(({ Ref }) => Ref === id);

/** Replaces CloudFormation's functions by the values that they would have in the simulated deployment. */
function resolve(value: unknown, all: Readonly<Record<string, Resource>>): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, all));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return PSEUDO_PARAMETERS[ref] ?? arnOf(ref, all);
  if (Array.isArray(attribute)) return arnOf(attribute[0], all);
  if (Array.isArray(join)) return (resolve(join[1], all) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, all)]));
}

/** The ARN of a resource, whose name is its logical id. */
function arnOf(id: string, all: Readonly<Record<string, Resource>>): string {
  switch (all[id]?.Type) {
    case 'AWS::DynamoDB::Table':
      return arn('dynamodb', `table/${id}`);
    case 'AWS::Lambda::Function':
      return arn('lambda', `function:${id}`);
    case 'AWS::ApiGatewayV2::Api':
    case 'AWS::CodeDeploy::Application':
    case 'AWS::CodeDeploy::DeploymentGroup':
      return id;
    case 'AWS::Lambda::Alias':
      return `${arnOf(all[id].Properties.FunctionName.Ref, all)}:${all[id].Properties.Name}`;
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${id}:*`);
    case 'AWS::SNS::Topic':
      return arn('sns', id);
    default:
      throw new Error(`The policies name ${id}, a resource of type ${all[id]?.Type}.`);
  }
}
