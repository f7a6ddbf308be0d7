import { type LocalTemplate, REGION } from './template.ts';

/** The function's name on this machine. The deployed one is named by CloudFormation. */
const FUNCTION_NAME = 'connection-logout-local';

/**
 * Makes the environment of the function as Lambda does: what Lambda sets, and the template's variables. Of this machine
 * only the path reaches the function: nothing else that is set here can be what makes it work.
 *
 * @param dynamodbEndpoint where the function finds DynamoDB.
 * @param timeZone in place of the template's `TIME_ZONE`.
 * @returns all variables of the function's process.
 */
export function createEnvironment(
  { function: { memoryMb, variables } }: LocalTemplate,
  dynamodbEndpoint: string,
  timeZone?: string,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    AWS_REGION: REGION,
    // The engine takes any; in a real account they open nothing.
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_LAMBDA_FUNCTION_NAME: FUNCTION_NAME,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${FUNCTION_NAME}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    ...variables,
    ...(timeZone !== undefined && { TIME_ZONE: timeZone }),
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
  };
}
