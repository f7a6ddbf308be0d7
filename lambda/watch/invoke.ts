import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { NONEXISTENT_ID } from '../domain/connection.ts';
import { ROUTE_PATH } from '../http/event.ts';
import { HARMLESS_BODY, type ServiceResponse } from './harmless-request.ts';

/** How long an invocation may take, with the worst start before it. */
const INVOCATION_TIMEOUT_MS = 20_000;

/**
 * Who calls, as the gateway would say it: the function must check both where its stage demands it, and an event without
 * them would be a defect of the deployment. No connection has this user or this terminal.
 */
const CALLER = {
  authorizer: { jwt: { claims: { sub: NONEXISTENT_ID }, scopes: null } },
  authentication: { clientCert: { subjectDN: `CN=${NONEXISTENT_ID}` } },
};

/**
 * Invokes a version or an alias of the function with the harmless request, past the gateway and its authorizer.
 *
 * @param client the client of Lambda.
 * @param arn the ARN of the version or the alias.
 * @param requestId the `request_id` of the response and of the function's log line.
 * @returns its response.
 * @throws {Error} when the function ends without a response or takes longer than 20 s, or Lambda refuses the call.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function invokeFunction(
  client: LambdaClient,
  arn: string,
  requestId: string,
): Promise<ServiceResponse> {
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
      ...CALLER,
      http: { method: 'PUT', path: ROUTE_PATH, protocol: 'HTTP/1.1' },
      timeEpoch: Date.now(),
    },
    body: HARMLESS_BODY,
    isBase64Encoded: false,
  };
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: arn, Payload: JSON.stringify(event) }),
    { abortSignal: AbortSignal.timeout(INVOCATION_TIMEOUT_MS) },
  );
  const payload = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`The function ended without a response: ${payload}`);
  const { statusCode, body } = JSON.parse(payload) as { statusCode: number; body: string };
  return { status: statusCode, body };
}
