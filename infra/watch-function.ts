import { Duration, Validations } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { findBundleFolder, WATCH_FOLDER } from './bundle.ts';
import { PLATFORM } from './function.ts';
import { createLogGroup } from './logs.ts';
import type { Settings } from './settings.ts';

/** Memory in MB. It also sets the share of a CPU, which no terminal waits for here. */
const MEMORY_MB = 256;

/**
 * Seconds, with room above what each waits for at most: the probe 10 s for its request and 20 s for an invocation, the
 * hook 41 s for one that is denied at first and 26 s for its report.
 */
const TIMEOUT_SECONDS = 90;

/** What a function of `lambda/watch` is built from. */
export interface WatchFunctionProps {
  readonly settings: Settings;
  readonly description: string;
  /** The file of the bundle, without its ending. */
  readonly name: 'probe' | 'hook';
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that it may do beside writing to its log. */
  readonly statements: readonly PolicyStatement[];
}

/** A small function that looks at the service from outside, with a role and a log of its own. */
export class WatchFunction extends Construct {
  readonly function: LambdaFunction & IFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  /**
   * @param scope what it belongs to.
   * @param id unique in the scope.
   * @param props see {@link WatchFunctionProps}.
   */
  constructor(scope: Construct, id: string, props: WatchFunctionProps) {
    super(scope, id);
    const { settings, description, name, environment, statements } = props;
    this.logGroup = createLogGroup(this, 'Log', settings);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(this.role);
    for (const statement of statements) this.role.addToPolicy(statement);
    this.function = new LambdaFunction(this, 'Function', {
      description,
      ...PLATFORM,
      code: Code.fromAsset(findBundleFolder(WATCH_FOLDER, 'probe.mjs')),
      handler: `${name}.handler`,
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      // Or the deployment group would add a right of its own in a policy that the function depends on.
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      environment,
    }) as LambdaFunction & IFunction;
    Validations.of(this.function).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason: 'What it finds goes to an alarm or to CodeDeploy. Its events hold nothing to keep.',
      },
      {
        id: 'Serverless-LambdaTracing',
        reason: 'It makes one or two calls, and its log says how they ended.',
      },
    );
  }
}
