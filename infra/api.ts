import { Annotations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
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
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ACCESS_LOG_FIELDS } from './access-log.ts';
import { serviceLog } from './logs.ts';
import type { Settings } from './settings.ts';

/** The one path that is served. Terminals have it built in. */
export const ROUTE_PATH = '/api/tt_cmd_connection/logout';

/** What the API is built from. */
export interface LogoutApiProps {
  /** The name of the API in the console, and part of its log group's. */
  readonly name: string;
  /** The function, or an alias of it: the integration and the permission to call it both name this one. */
  readonly handler: IFunction;
  /** `auth`, `throttleRate`, `throttleBurst` and the log's settings are used. */
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
  /** The URL to send `PUT` to. */
  readonly url: string;

  /**
   * @param scope the stack.
   * @param id unique in the scope. Changing it would change the URL.
   * @param props see {@link LogoutApiProps}. With `auth=none`, synth warns.
   */
  constructor(scope: Construct, id: string, props: LogoutApiProps) {
    super(scope, id);
    const { name, handler, settings } = props;

    // No CORS: terminals are no browsers. No default stage: CDK's has neither throttle nor log.
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: name,
      description: 'Logs connections of terminals out.',
      createDefaultStage: false,
    });
    this.route = new HttpRoute(this, 'Route', {
      httpApi: this.api,
      routeKey: HttpRouteKey.with(ROUTE_PATH, HttpMethod.PUT),
      integration: new HttpLambdaIntegration('Integration', handler, {
        payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      }),
      authorizer: this.authorizer(settings.auth),
    });

    // The prefix keeps the account's policy for log deliveries short: without it every log group adds to a document
    // that may hold 5,120 characters, and one day no stage can be created. The API's id makes the name unique, so that
    // a log that outlived its stack is not in the way of the next one.
    this.accessLog = serviceLog(this, 'AccessLog', settings, `/aws/vendedlogs/${name}/${this.api.apiId}`);
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.throttleRate, burstLimit: settings.throttleBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
    this.url = `${this.api.apiEndpoint}${ROUTE_PATH}`;
  }

  private authorizer(auth: Settings['auth']): IHttpRouteAuthorizer {
    if (auth === 'iam') return new HttpIamAuthorizer();
    if (auth === 'none') {
      Annotations.of(this).addWarningV2(
        'connection-logout:open-route',
        'auth is "none": anybody who knows the URL can log connections out. Set auth to iam or jwt.',
      );
      return new HttpNoneAuthorizer();
    }
    return new HttpJwtAuthorizer('Jwt', auth.issuer, { jwtAudience: [...auth.audience] });
  }
}
