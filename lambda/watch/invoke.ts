import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ROUTE_PATH } from '../http/event.ts';
import { type Answer, HARMLESS_BODY } from './harmless-request.ts';

/**
 * Invokes a version or an alias of the function with the harmless request, past the gateway and its authorizer.
 *
 * @param client the client of Lambda.
 * @param arn the ARN of the version or the alias.
 * @param requestId the `request_id` of the answer and of the function's log line.
 * @returns its answer.
 * @throws {Error} when the function ends without an answer, or Lambda refuses the call.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function invokeFunction(client: LambdaClient, arn: string, requestId: string): Promise<Answer> {
  const event = {
    version: '2.0',
    routeKey: `PUT ${ROUTE_PATH}`,
    rawPath: ROUTE_PATH,
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    requestContext: {
      requestId,
      routeKey: `PUT ${ROUTE_PATH}`,
      stage: '$default',
      http: { method: 'PUT', path: ROUTE_PATH, protocol: 'HTTP/1.1' },
      timeEpoch: Date.now(),
    },
    body: HARMLESS_BODY,
    isBase64Encoded: false,
  };
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: arn, Payload: JSON.stringify(event) }),
  );
  const payload = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`The function ended without an answer: ${payload}`);
  const { statusCode, body } = JSON.parse(payload) as { statusCode: number; body: string };
  return { status: statusCode, body };
}
