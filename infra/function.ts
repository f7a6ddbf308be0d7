import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type Alias,
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleFolder } from './bundle.ts';
import { serviceLog } from './logs.ts';
import type { Settings } from './settings.ts';
import type { ConnectionTable } from './table.ts';

/**
 * Seconds until Lambda ends a request. All tries of the store must fit in with room to answer, and the worst cold
 * start on top must stay below the gateway's 30 s, or a caller gets 503 for a logout that succeeded.
 */
export const FUNCTION_TIMEOUT_SECONDS = 10;

/** Memory in MB. It also sets the share of a CPU: at 512 MB 0.29 of one, which TLS and JSON need more than memory. */
export const FUNCTION_MEMORY_MB = 512;

/** The alias that the gateway calls. A new version takes over by being put behind it. */
const LIVE_ALIAS = 'live';

/** What the function is built from. */
export interface LogoutFunctionProps {
  /** The table that it may update, and whose name it gets as `TABLE_NAME`. */
  readonly table: ConnectionTable;
  /** `stage` and `timeZone` reach it as `STAGE` and `TIME_ZONE`. */
  readonly settings: Settings;
}

/** The function, its role, its log group and the alias that is called. */
export class LogoutFunction extends Construct {
  /** The function itself, with all of its versions. */
  readonly function: LambdaFunction;
  /**
   * The version that serves. Who calls the function names this alias: a permission on the function itself does not
   * hold for it, and a caller of the function itself would get each new version at once.
   */
  readonly live: Alias & IFunction;
  /** Where the function's one line a request goes, and Lambda's own lines. */
  readonly logGroup: LogGroup;

  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link LogoutFunctionProps}.
   * @throws `SynthError` when the bundle was not built.
   */
  constructor(scope: Construct, id: string, props: LogoutFunctionProps) {
    super(scope, id);
    const { table, settings } = props;
    this.logGroup = serviceLog(this, 'Log', settings);

    // A role of its own: the one that CDK makes carries an AWS managed policy, which lets the function write to every
    // log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    // Not `grantWriteData`: it gives PutItem and DeleteItem too.
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table.arn] }));

    this.function = new LambdaFunction(this, 'Function', {
      description: 'Logs the connection of a terminal out.',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundleFolder()),
      handler: 'index.handler',
      memorySize: FUNCTION_MEMORY_MB,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      role,
      logGroup: this.logGroup,
      // Lambda's own lines (start, report, time-out) become JSON, so that one query reads all. The function writes to
      // standard output, and only `console` would be wrapped: its line, with the metric in it, arrives as it is.
      loggingFormat: LoggingFormat.JSON,
      environment: {
        TABLE_NAME: table.name,
        TIME_ZONE: settings.timeZone,
        STAGE: settings.stage,
      },
      // Old versions stay where terminals depend on them, so that a person can put the last one back in seconds. They
      // go with the function.
      currentVersionOptions: {
        removalPolicy: settings.production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      },
    });
    // CDK's alias is one, but its types do not say so under exactOptionalPropertyTypes.
    this.live = this.function.addAlias(LIVE_ALIAS) as Alias & IFunction;
    this.acknowledge();
  }

  /** What cdk-nag would have otherwise. */
  private acknowledge(): void {
    Validations.of(this.function).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason: 'The gateway waits for the answer. Only asynchronous calls can end in a dead letter queue.',
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
