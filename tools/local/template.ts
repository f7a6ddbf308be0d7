/** The name of the table on this machine. The deployed one is named by CloudFormation. */
export const TABLE_NAME = 'cmd_connection';

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
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on the type, and a wrong one is found below.
  readonly Properties: any;
  readonly Metadata?: Record<string, string>;
}

/**
 * Follows the template from its one route to the function and the table.
 *
 * @param resources the template's resources by logical id, with CDK's asset metadata.
 * @throws {Error} a sentence, if the template is not of that shape.
 */
export function readTemplate(resources: Readonly<Record<string, Resource>>): LocalTemplate {
  const { Properties: route } = only(resources, 'AWS::ApiGatewayV2::Route');
  const [method, path] = String(route.RouteKey).split(' ');
  if (method === undefined || path === undefined) {
    throw new Error(`The route ${route.RouteKey} is not of the form "METHOD /path".`);
  }
  const { Properties: integration } = only(resources, 'AWS::ApiGatewayV2::Integration');
  if (integration.PayloadFormatVersion !== '2.0') {
    throw new Error(`The integration has payload format ${integration.PayloadFormatVersion}, not 2.0.`);
  }
  const { Properties: lambda, Metadata } = functionBehind(resources, integration.IntegrationUri);
  const folder = Metadata?.['aws:asset:path'];
  if (folder === undefined) throw new Error('The template does not say where the code of the function is.');
  const { Properties: table } = only(resources, 'AWS::DynamoDB::Table');
  return {
    route: { method, path },
    function: {
      handler: lambda.Handler,
      folder,
      timeoutMs: lambda.Timeout * 1_000,
      memoryMb: lambda.MemorySize,
      variables: variables(resources, lambda.Environment?.Variables ?? {}),
    },
    table: { KeySchema: table.KeySchema, AttributeDefinitions: table.AttributeDefinitions },
  };
}

function only(resources: Readonly<Record<string, Resource>>, type: string): Resource {
  const found = Object.values(resources).filter((resource) => resource.Type === type);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`The template holds ${found.length} resources of type ${type}, not one.`);
  }
  return first;
}

/** @returns the function that a reference leads to, by way of an alias where there is one. */
function functionBehind(resources: Readonly<Record<string, Resource>>, reference: unknown): Resource {
  const resource = resources[referred(reference) ?? ''];
  if (resource?.Type === 'AWS::Lambda::Alias') {
    return functionBehind(resources, resource.Properties.FunctionName);
  }
  if (resource?.Type !== 'AWS::Lambda::Function') {
    throw new Error(
      `The integration names ${JSON.stringify(reference)}, which is not a function of the template.`,
    );
  }
  return resource;
}

/** @returns the logical id that a `Ref` or `Fn::GetAtt` names. */
function referred(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('Ref' in value) return String(value.Ref);
  return 'Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt'])
    ? String(value['Fn::GetAtt'][0])
    : undefined;
}

function variables(
  resources: Readonly<Record<string, Resource>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      if (resources[referred(value) ?? '']?.Type === 'AWS::DynamoDB::Table') return [name, TABLE_NAME];
      throw new Error(
        `The variable ${name} is ${JSON.stringify(value)}, which has no value on this machine.`,
      );
    }),
  );
}
