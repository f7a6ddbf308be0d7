import type { Outcome } from '../../infra/monitoring/metrics.ts';
import type { Resource } from '../../tools/local/template.ts';
import {
  type MeasuredRequest,
  type MeasuredResources,
  type Sample,
  samplesOfLine,
  samplesOfRequest,
} from './metric-samples.ts';
import type { LogLine } from './recorded-outcomes.ts';

/** A request of a replay: how AWS's services saw it, and the outcome where the function came to one. */
export interface ReplayedRequest extends Omit<MeasuredRequest, 'at' | 'status'> {
  readonly outcome?: Outcome;
  /** The status, where it is not the outcome's. */
  readonly status?: number;
}

/** What happens, minute by minute: the requests of a minute, spread over it. */
export type Story = (minute: number) => readonly ReplayedRequest[];

/**
 * Finds the resources that AWS measures in a template, independently of the alarms.
 *
 * @param resources the template's resources by logical id.
 */
export function measuredResources(resources: Readonly<Record<string, Resource>>): MeasuredResources {
  const [api] = idsOf(resources, 'AWS::ApiGatewayV2::Api');
  const [lambda] = idsOf(resources, 'AWS::Lambda::Function');
  const [alias] = idsOf(resources, 'AWS::Lambda::Alias');
  const [table] = idsOf(resources, 'AWS::DynamoDB::Table');
  const [stage] = idsOf(resources, 'AWS::ApiGatewayV2::Stage');
  const function_ = resources[lambda ?? '']?.Properties;
  return {
    apiId: { Ref: api },
    apiStage: resources[stage ?? '']?.Properties.StageName,
    functionName: { Ref: lambda },
    alias: { 'Fn::Join': ['', [{ Ref: lambda }, `:${resources[alias ?? '']?.Properties.Name}`]] },
    // A table that exists outside of the stack is known by its name alone.
    tableName: table === undefined ? function_.Environment.Variables.TABLE_NAME : { Ref: table },
  };
}

function idsOf(resources: Readonly<Record<string, Resource>>, type: string): string[] {
  return Object.entries(resources).flatMap(([id, { Type }]) => (Type === type ? [id] : []));
}

/**
 * Makes the samples of a story: those of AWS's services, and the service's own out of the lines that the built bundle
 * wrote for the same outcomes.
 *
 * @param story what happens.
 * @param minutes how long.
 * @param resources what AWS measures.
 * @param lines a line of each outcome.
 */
export function samplesOfStory(
  story: Story,
  minutes: number,
  resources: MeasuredResources,
  lines: Readonly<Record<Outcome, LogLine>>,
): Sample[] {
  return Array.from({ length: minutes }, (_, minute) => {
    const requests = story(minute);
    return requests.flatMap((request, index) => {
      const at = minute * 60 + (60 * index) / requests.length;
      const { outcome } = request;
      const line = outcome && lines[outcome];
      const status = request.status ?? (line?.status as number | undefined);
      if (status === undefined) throw new Error('A request without an outcome needs a status.');
      return [
        ...samplesOfRequest(resources, {
          ...request,
          at,
          status,
          ...(outcome && { call: 'answered' }),
        }),
        ...(line ? samplesOfLine(atTime(line, at), 0) : []),
      ];
    });
  }).flat();
}

function atTime(line: LogLine, at: number): LogLine {
  return { ...line, _aws: { ...(line._aws as object), Timestamp: at * 1_000 } };
}
