import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import type { Settings } from '../settings.ts';
import { WatchFunction } from '../watch-function.ts';
import type { MetricSources } from './metrics.ts';

/** The next probe comes in a minute: one that failed is not repeated. */
const NO_RETRY = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

/** Sends the harmless request through the public URL once a minute: see `lambda/watch/probe.ts`. */
export class Probe extends Construct {
  readonly function: IFunction;
  readonly logGroup: LogGroup;

  /** @param props what is probed: the API and, where it refuses the probe, the alias behind it. */
  constructor(scope: Construct, id: string, { settings, api, logout }: Omit<MetricSources, 'probe'>) {
    super(scope, id);
    const alias = logout.live;
    const auth = resolveProbeAuth(settings);
    // The gateway refuses such a probe, so it invokes the alias too.
    const isRefused = auth === 'token' || auth === 'certificate';
    const allow = (action: string, resource: string) =>
      new PolicyStatement({ actions: [action], resources: [resource] });
    const routeArn = api.api.arnForExecuteApi('PUT', ROUTE_PATH, api.stage.stageName);
    const watch = new WatchFunction(this, 'Watch', {
      settings,
      description: 'Probes the service once a minute.',
      name: 'probe',
      environment: {
        PROBE_URL: api.url,
        PROBE_AUTH: auth,
        // The stack's own: DNS may lead the host name of PROBE_URL elsewhere until the day of the cut-over.
        ...(api.domain && { PROBE_HOST: api.domain.regionalDomainName }),
        ...(isRefused && { ALIAS_ARN: alias.functionArn }),
      },
      statements: [
        ...(auth === 'iam' ? [allow('execute-api:Invoke', routeArn)] : []),
        ...(isRefused ? [allow('lambda:InvokeFunction', alias.functionArn)] : []),
      ],
    });
    this.function = watch.function;
    this.logGroup = watch.logGroup;
    const rule = new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(watch.function, NO_RETRY)],
    });
    watch.function.configureAsyncInvoke(NO_RETRY);
    const reason = 'A probe that does not run or fails is seen by its alarm. There is no event to keep.';
    Validations.of(rule).acknowledge({ id: 'Serverless-EventBusDLQ', reason });
    Validations.of(watch.function).acknowledge({ id: 'Serverless-LambdaAsyncFailureDestination', reason });
  }
}

/** How far the probe gets: the names of `CHECKS` in `lambda/watch/probe.ts`. */
function resolveProbeAuth({ auth, truststoreUri }: Settings): 'iam' | 'none' | 'token' | 'certificate' {
  if (truststoreUri !== undefined) return 'certificate';
  return auth === 'iam' || auth === 'none' ? auth : 'token';
}
