import { Annotations, Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type DomainName,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ROUTE_PATH } from '../lambda/http/event.ts';
import { createDomain } from './domain.ts';
import { createLogGroup, listAccessLogFields } from './logs.ts';
import type { Settings } from './settings.ts';

/** What the API is built from. */
export interface LogoutApiProps {
  /** The name of the API in the console, and part of its log group's. */
  readonly name: string;
  /** The alias of the function: the integration and the permission to call it both name this one. */
  readonly handler: IFunction;
  /** Who may call, the host name, the throttle and the log. */
  readonly settings: Settings;
}

/** The HTTP API: one route, its authorizer, a throttle, and an access log. */
export class LogoutApi extends Construct {
  /** The API itself. */
  readonly api: HttpApi;
  /** The one route. Its ARN is what a caller's policy must allow with `auth=iam`. */
  readonly route: HttpRoute;
  /** The one stage, `$default`, which is served at the root of the URL. */
  readonly stage: HttpStage;
  /** Where the gateway writes a line a request. */
  readonly accessLog: LogGroup;
  /** The host name of the deployer's own. Absent: terminals call the gateway's. */
  readonly domain?: DomainName;
  /** The URL to send `PUT` to: below the domain if there is one, else below the gateway's own host name. */
  readonly url: string;

  /**
   * @param scope the stack.
   * @param id unique in the scope. Changing it would change the URL.
   * @param props see {@link LogoutApiProps}. With `auth=none` synth warns, unless mutual TLS is on.
   */
  constructor(scope: Construct, id: string, props: LogoutApiProps) {
    super(scope, id);
    const { name, handler, settings } = props;
    const { auth, domainName, truststoreUri, jwtScopes } = settings;
    if (domainName !== undefined) this.domain = createDomain(this, settings, domainName);

    // No CORS: terminals are not browsers. No default stage: CDK's has neither throttle nor log.
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: name,
      description: 'Logs connections of terminals out.',
      createDefaultStage: false,
      // The default endpoint asks for no certificate: left on, it would bypass mutual TLS.
      disableExecuteApiEndpoint: truststoreUri !== undefined,
    });
    this.route = new HttpRoute(this, 'Route', {
      httpApi: this.api,
      routeKey: HttpRouteKey.with(ROUTE_PATH, HttpMethod.PUT),
      integration: new HttpLambdaIntegration('Integration', handler, {
        payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      }),
      authorizer: this.createAuthorizer(settings),
      ...(jwtScopes && { authorizationScopes: jwtScopes }),
    });
    if (auth === 'none') this.acceptOpenRoute(truststoreUri !== undefined);

    // The prefix keeps the account's policy for log deliveries short: without it every log group adds to a document
    // that may hold 5,120 characters, and above that no stage can be created. The API's id makes the name unique, so
    // that a log that outlived its stack does not stop the next one from being created.
    this.accessLog = createLogGroup(this, 'AccessLog', settings, {
      logGroupName: `/aws/vendedlogs/${name}/${this.api.apiId}`,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      ...(this.domain && { domainMapping: { domainName: this.domain } }),
      throttle: { rateLimit: settings.throttleRate, burstLimit: settings.throttleBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(listAccessLogFields(settings))),
      },
    });
    this.url = `${domainName ? `https://${domainName}` : this.api.apiEndpoint}${ROUTE_PATH}`;
  }

  /** Says what `auth=none` means, to the deployer and in the findings of cdk-nag. */
  private acceptOpenRoute(mutualTls: boolean): void {
    if (!mutualTls) {
      Annotations.of(this).addWarningV2(
        'connection-logout:open-route',
        'auth is "none": every caller that knows the URL can log connections out. Set auth to iam, jwt or lambda, or ' +
          'truststoreUri for mutual TLS.',
      );
    }
    Validations.of(this.route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: mutualTls
        ? 'Terminals show a certificate that the truststore vouches for, before any request is read.'
        : 'The deployer set auth to none, and synth warns about it.',
    });
  }

  private createAuthorizer(settings: Settings): IHttpRouteAuthorizer {
    // The settings hold what each kind of callers needs, or they were refused.
    const { auth, jwtIssuer = '', jwtAudience = [], authorizerArn = '' } = settings;
    switch (auth) {
      case 'iam':
        return new HttpIamAuthorizer();
      case 'jwt':
        return new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience });
      case 'lambda': {
        // In the stack's account, so that the stack can give the gateway the right to call it.
        const handler = LambdaFunction.fromFunctionAttributes(this, 'Authorizer', {
          functionArn: authorizerArn,
          sameEnvironment: true,
        });
        // Another function is another authorizer, with a permission of its own beside the one before. 128 is AWS's limit.
        const [, name] = authorizerArn.split(':function:');
        return new HttpLambdaAuthorizer(`Lambda-${name}`.slice(0, 128), handler, {
          responseTypes: [HttpLambdaResponseType.SIMPLE],
          resultsCacheTtl: Duration.minutes(1),
        });
      }
      case 'none':
        return new HttpNoneAuthorizer();
    }
  }
}
