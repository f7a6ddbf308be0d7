import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LogoutApi } from './api.ts';
import { LogoutFunction } from './function.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import type { Settings } from './settings.ts';
import { ConnectionTable } from './table.ts';

/**
 * The whole service: one route, one function, one table. It names no account and no region, so that it synthesizes
 * anywhere and is deployed to where the caller's credentials point.
 */
export class ConnectionLogoutStack extends Stack {
  /**
   * @param scope the app.
   * @param settings what the deployer chose. The stack is named `connection-logout-` and the stage.
   * @throws `SynthError` when the bundle was not built.
   */
  constructor(scope: Construct, settings: Settings) {
    const name = `connection-logout-${settings.stage}`;
    super(scope, name, {
      description: 'Logs connections of point-of-sale terminals out.',
      terminationProtection: settings.production,
    });
    Tags.of(this).add('stage', settings.stage);

    const table = new ConnectionTable(this, 'Connections', settings);
    const logout = new LogoutFunction(this, 'Logout', { table, settings });
    const api = new LogoutApi(this, 'Api', { name, handler: logout.function, settings });
    new Monitoring(this, 'Monitoring', {
      name,
      settings,
      sources: {
        api: api.api,
        apiStage: api.stage,
        handler: logout.function,
        function: logout.function,
        tableName: table.name,
      },
      logs: { function: logout.logGroup, access: api.accessLog },
    });

    this.output('Url', api.url, 'Where terminals send PUT to.');
    this.output('TableName', table.name, 'Where the login service writes connections.');
    this.output('FunctionName', logout.function.functionName, 'The function.');
    this.output('FunctionLog', logout.logGroup.logGroupName, 'One line a request, and what Lambda says.');
    this.output('AccessLog', api.accessLog.logGroupName, 'One line a request, refused ones too.');
    if (settings.auth === 'iam') {
      this.output('RouteArn', api.route.routeArn, 'What a caller must be allowed: execute-api:Invoke on it.');
    }
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
