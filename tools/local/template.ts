import { rmSync } from 'node:fs';

/** The name of the table on this machine. The deployed one is named by CloudFormation. */
export const LOCAL_TABLE_NAME = 'cmd_connection';

/** The region of the local function. The engine takes any. */
export const REGION = 'eu-west-1';

/** What the local stack takes from the template: nothing of it is written down a second time. */
export interface LocalTemplate {
  readonly route: { readonly method: string; readonly path: string };
  readonly function: {
    /** Such as `index.handler`. */
    readonly handler: string;
    /** The folder that is deployed. */
    readonly folder: string;
    readonly timeoutMs: number;
    readonly memoryMb: number;
    /** The variables of the template, references resolved. */
    readonly variables: Readonly<Record<string, string>>;
  };
  readonly table: {
    readonly KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
    readonly AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
  };
}

/** A resource of a CloudFormation template. */
export interface TemplateResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on the type, and a wrong one is found below.
  readonly Properties: any;
  readonly Metadata?: Record<string, string>;
}

type Resources = Readonly<Record<string, TemplateResource>>;

/**
 * Synthesizes the stack in-process, as stage `local`, and reads its template. The bundle must have been built.
 *
 * @throws {SynthError} if there is no bundle.
 * @throws {Error} if the template holds what this machine cannot run.
 */
export async function synthesize(): Promise<LocalTemplate> {
  // CDK takes a moment to load: only where it is needed.
  const { createApp } = await import('../../infra/app.ts');
  const app = createApp({
    stage: 'local',
    // CDK's own way for local runs: the template names the folder of the code, and nothing is copied.
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:disable-asset-staging': true,
  });
  const { stacks, directory } = app.synth();
  try {
    return readTemplate(stacks[0]?.template.Resources ?? {});
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Follows the template from its one route to the function and the table.
 *
 * @param resources the template's resources by logical id, with CDK's asset metadata.
 * @throws {Error} a sentence, if the template is not of that shape.
 */
export function readTemplate(resources: Resources): LocalTemplate {
  const [method = '', path = ''] = findOne(resources, 'AWS::ApiGatewayV2::Route').Properties.RouteKey.split(
    ' ',
  );
  const { Properties: integration } = findOne(resources, 'AWS::ApiGatewayV2::Integration');
  const { Properties: lambda, Metadata } = findFunction(resources, integration.IntegrationUri);
  const { KeySchema, AttributeDefinitions } = findOne(resources, 'AWS::DynamoDB::Table').Properties;
  const folder = Metadata?.['aws:asset:path'];
  if (folder === undefined) throw new Error('The template does not say where the code of the function is.');
  return {
    route: { method, path },
    function: {
      handler: lambda.Handler,
      folder,
      timeoutMs: lambda.Timeout * 1_000,
      memoryMb: lambda.MemorySize,
      variables: resolveVariables(resources, lambda.Environment.Variables),
    },
    table: { KeySchema, AttributeDefinitions },
  };
}

function findOne(resources: Resources, type: string): TemplateResource {
  const [first, second] = Object.values(resources).filter((resource) => resource.Type === type);
  if (first === undefined || second !== undefined) {
    throw new Error(`The template must hold one resource of type ${type}.`);
  }
  return first;
}

/** @returns the function that a reference leads to, by way of its alias where there is one. */
function findFunction(resources: Resources, reference: unknown): TemplateResource {
  const resource = findReferred(resources, reference);
  if (resource?.Type === 'AWS::Lambda::Alias')
    return findFunction(resources, resource.Properties.FunctionName);
  if (resource?.Type === 'AWS::Lambda::Function') return resource;
  throw new Error(
    `The integration names ${JSON.stringify(reference)}, which is not a function of the template.`,
  );
}

function findReferred(resources: Resources, value: unknown): TemplateResource | undefined {
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  return resources[Ref ?? attribute?.[0] ?? ''];
}

function resolveVariables(resources: Resources, variables: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      if (findReferred(resources, value)?.Type === 'AWS::DynamoDB::Table') return [name, LOCAL_TABLE_NAME];
      throw new Error(
        `The variable ${name} is ${JSON.stringify(value)}, which has no value on this machine.`,
      );
    }),
  );
}
