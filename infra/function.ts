import { Aws, CfnMapping, Duration, FileSystem, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type Alias,
  Architecture,
  Code,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  type Version,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { findBundleFolder } from './bundle.ts';
import { createLogGroup } from './logs.ts';
import type { Settings } from './settings.ts';
import type { ConnectionTable } from './table.ts';

/**
 * Seconds until Lambda ends a request. All tries of the store must fit in with room to respond, and the worst cold
 * start on top must stay below the gateway's 30 s, or a caller gets 503 for a logout that succeeded.
 */
const FUNCTION_TIMEOUT_SECONDS = 10;

/** Memory in MB. It also sets the share of a CPU: at 512 MB 0.29 of one, which TLS and JSON need more than memory. */
const FUNCTION_MEMORY_MB = 512;

/** The alias that the gateway calls. A rollout moves it to the new version. */
const LIVE_ALIAS = 'live';

/**
 * What every function of the stack runs on. Lambda's own lines become JSON, so that one query reads all, and those of
 * calls that succeed are left out: by AWS's table, reports of failures, timeouts and failed starts are WARN, others INFO.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 *
 * Lambda wraps only what is written by `console`: the function's line, with the metric in it, goes to standard
 * output and arrives as it is.
 */
export const PLATFORM = {
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  loggingFormat: LoggingFormat.JSON,
  systemLogLevelV2: SystemLogLevel.WARN,
} as const;

/** What the function is built from. */
export interface LogoutFunctionProps {
  /** The table that it may update, and whose name it gets as `TABLE_NAME`. */
  readonly table: ConnectionTable;
  /** Those that reach it as environment variables, and its limits. */
  readonly settings: Settings;
  /** The commit that the bundle is built from. Empty: it is not known. */
  readonly commit: string;
}

/** The function, its role, its log group and the alias that is called. */
export class LogoutFunction extends Construct {
  /** The function itself, with all of its versions. */
  readonly function: LambdaFunction;
  /**
   * The alias of the version that serves. Callers name this alias: a permission on the function itself does not hold
   * for it, and calls of the function itself would get each new version at once.
   */
  readonly live: Alias & IFunction;
  /** The newest version, to which a rollout moves the alias. */
  readonly version: IVersion;
  /** Holds one line a request of the function, and Lambda's own lines. */
  readonly logGroup: LogGroup;
  /** What the function may do. The policy of a customer's key must name it. */
  readonly role: IRole;

  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link LogoutFunctionProps}.
   * @throws `SynthError` when the bundle was not built.
   */
  constructor(scope: Construct, id: string, props: LogoutFunctionProps) {
    super(scope, id);
    const { table, settings, commit } = props;
    this.logGroup = createLogGroup(this, 'Log', settings);

    // A role of its own: the one that CDK makes carries an AWS managed policy, which lets the function write to every
    // log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    this.role = role;
    const tablePolicy = this.createTablePolicy(role, table, settings);

    const bundle = findBundleFolder();
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Logs the connection of a terminal out.',
      ...PLATFORM,
      code: Code.fromAsset(bundle),
      handler: 'index.handler',
      memorySize: FUNCTION_MEMORY_MB,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      role,
      logGroup: this.logGroup,
      environment: { ...createVariables(table, settings), ...this.createCommitVariable(commit) },
      ...(settings.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: settings.reservedConcurrency,
      }),
      // Old versions stay where terminals depend on them, so that the last one can be put back in seconds. A version
      // that a failed deployment made is deleted: Lambda publishes nothing while code and configuration are unchanged,
      // so that with `RETAIN` the same version could never be deployed again.
      currentVersionOptions: {
        removalPolicy: settings.production ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      },
    });
    this.function.node.addDependency(tablePolicy);
    // A version is made of the bytes of the bundle, and not of the name of the bucket that they are in, which changes
    // with `account` and `region`: a deployment fails that would publish the same again.
    // https://github.com/serverless/serverless/issues/7822
    LambdaFunction.classifyVersionProperty('Code', false);
    this.function.invalidateVersionBasedOn(FileSystem.fingerprint(bundle));
    // CDK's alias is one, but its types do not say so under exactOptionalPropertyTypes.
    this.version = this.function.currentVersion as Version & IVersion;
    this.live = this.function.addAlias(LIVE_ALIAS) as Alias & IFunction;
    this.acknowledge();
  }

  /**
   * Lets the role update the items of the table, and nothing else: `grantWriteData` would give PutItem and DeleteItem.
   *
   * The logical id follows the table. With another table CloudFormation creates the new policy first, since the
   * function depends on it, and deletes the old one when the old version serves no traffic any more.
   */
  private createTablePolicy(
    role: Role,
    table: ConnectionTable,
    { tableName, tableKeyArn }: Settings,
  ): Policy {
    const policy = new Policy(this, `UpdateTable-${tableName ?? 'own'}`, {
      roles: [role],
      statements: [new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table.arn] })],
    });
    if (tableKeyArn !== undefined) {
      // DynamoDB uses the key in the caller's name:
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
      policy.addStatements(
        new PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [tableKeyArn],
          conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
        }),
      );
    }
    return policy;
  }

  /**
   * The commit stands in a mapping, of which the hash that CDK makes a version of knows the name only: a commit that
   * changes no byte of the bundle is not a new version.
   */
  private createCommitVariable(commit: string): Record<string, string> {
    if (commit === '') return {};
    const build = new CfnMapping(this, 'Build', { mapping: { Function: { Commit: commit } }, lazy: false });
    return { COMMIT: build.findInMap('Function', 'Commit') };
  }

  /** Says why cdk-nag's findings here do not apply. */
  private acknowledge(): void {
    Validations.of(this.function).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason: 'The gateway waits for the response. Only asynchronous calls can end in a dead letter queue.',
      },
      {
        id: 'Serverless-LambdaTracing',
        reason:
          'One function makes one call. Its log line has the latency of both, the attempts and the cold start, for ' +
          'each request and not for a sample; traces would need rights on all resources to say the same.',
      },
    );
  }
}

/** The function's environment. `lambda/config.ts` reads it. */
function createVariables(table: ConnectionTable, settings: Settings): Record<string, string> {
  const { stage, timeZone, auth, certificateSubject } = settings;
  return {
    TABLE_NAME: table.name,
    TIME_ZONE: timeZone,
    STAGE: stage,
    AUTH: auth,
    ...(certificateSubject && { CERTIFICATE_SUBJECT: certificateSubject }),
  };
}
