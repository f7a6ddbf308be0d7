import { Annotations, CfnOutput, type Environment, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LogoutApi } from './api.ts';
import { readCommit } from './commit.ts';
import { LogoutFunction } from './function.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { Rollout } from './rollout.ts';
import type { Settings } from './settings.ts';
import { ConnectionTable } from './table.ts';
import { writeCurlLine } from './try-it.ts';

/** The consoles' domains in the partitions that have one of their own. */
const CONSOLE_DOMAINS: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/**
 * The whole service: one route, one function, one table. Where the settings name no account and no region, it is
 * deployed to where the caller's credentials point.
 */
export class ConnectionLogoutStack extends Stack {
  /**
   * @param scope the app.
   * @param settings what the deployer chose. The stack's name is `connection-logout-` and the stage.
   * @throws `SynthError` when the bundle was not built.
   */
  constructor(scope: Construct, settings: Settings) {
    const name = `connection-logout-${settings.stage}`;
    super(scope, name, {
      // The type has no undefined, which stands for wherever the credentials point.
      env: { account: settings.account, region: settings.region } as Environment,
      description: 'Logs connections of point-of-sale terminals out.',
      terminationProtection: settings.production,
    });
    Tags.of(this).add('stage', settings.stage);

    // The local run has no need of it, and a start has no time for git.
    const commit = settings.stage === 'local' ? '' : readCommit();
    const table = new ConnectionTable(this, 'Connections', settings);
    const logout = new LogoutFunction(this, 'Logout', { table, settings, commit });
    const api = new LogoutApi(this, 'Api', { name, handler: logout.live, settings });
    const consoleUrl = this.consoleUrl();
    const monitoring = new Monitoring(this, 'Monitoring', { name, settings, api, logout, table, consoleUrl });

    const { group, hookLog } = new Rollout(this, 'Rollout', {
      settings,
      alias: logout.live,
      version: logout.version,
      gates: monitoring.rolloutGates,
    });
    if (settings.production && settings.alarmEmail === undefined && settings.pageTopicArn === undefined) {
      Annotations.of(this).addWarningV2(
        'connection-logout:unheard-alarms',
        `Neither alarmEmail nor pageTopicArn is set, and stage "${settings.stage}" is production: pages reach no one, ` +
          'unless there are other subscribers to the topic of the output PageTopic.',
      );
    }

    if (settings.production && !settings.runbookUrl.startsWith('https:')) {
      Annotations.of(this).addWarningV2(
        'connection-logout:runbook-without-link',
        `runbookUrl is not set, and stage "${settings.stage}" is production: the alarms' texts end in ` +
          `"${settings.runbookUrl}", which is not a link in a mail. Set it to where docs/runbook.md is read.`,
      );
    }

    const outputs: Record<string, [value: string, description: string]> = {
      Url: [api.url, 'Where terminals send PUT to.'],
      TryIt: [
        writeCurlLine(api.url, this.region, settings),
        'Gets 404 connection_not_found, and changes nothing.',
      ],
      ...(settings.auth === 'iam' && {
        RouteArn: [api.route.routeArn, 'Callers must be allowed execute-api:Invoke on it.'],
      }),
      ...(api.domain && {
        DnsTarget: [api.domain.regionalDomainName, 'Where the DNS record of the domain must point to.'],
        DnsTargetZone: [api.domain.regionalHostedZoneId, 'Its hosted zone, for an alias record in Route 53.'],
      }),
      TableName: [table.name, 'Where the login service writes connections.'],
      FunctionName: [logout.function.functionName, 'The function. Terminals reach its alias live.'],
      FunctionRole: [
        logout.role.roleArn,
        'What the function may do. The policy of a key of the table must name it.',
      ],
      RolloutApplication: [group.application.applicationName, 'Where CodeDeploy shows rollouts.'],
      RolloutGroup: [group.deploymentGroupName, 'Its deployment group.'],
      ...(monitoring.rollbackAlarms.length > 0 && {
        RollbackAlarms: [
          monitoring.rollbackAlarms.map(({ alarmArn }) => alarmArn).join(' '),
          'For cdk deploy, each after a --rollback-trigger-alarm-arns of its own: the gates of a rollout, and the probe.',
        ],
      }),
      FunctionLog: [
        logout.logGroup.logGroupName,
        "One line a request, and Lambda's lines of calls that failed.",
      ],
      AccessLog: [api.accessLog.logGroupName, 'One line a request, refused ones too.'],
      HookLog: [hookLog.logGroupName, 'Why the hook refused a version.'],
      ...(monitoring.topics && {
        PageTopic: [monitoring.topics.page.topicArn, 'Where pages go. Subscribe your pager.'],
        TicketTopic: [monitoring.topics.ticket.topicArn, 'Where tickets go.'],
      }),
      DashboardUrl: [
        `${consoleUrl}/cloudwatch/home?region=${this.region}#dashboards/dashboard/${monitoring.dashboard.dashboardName}`,
        'What on-call looks at first.',
      ],
    };
    for (const [id, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, id, { value, description });
    }
  }

  /** The console in the region of the stack. Without the setting `region` its partition is not known, and AWS's assumed. */
  private consoleUrl(): string {
    return `https://${this.region}.${CONSOLE_DOMAINS[this.partition] ?? 'console.aws.amazon.com'}`;
  }
}
