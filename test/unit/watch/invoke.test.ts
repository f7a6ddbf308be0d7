import type { RequestListener } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { invokeFunction } from '../../../lambda/watch/invoke.ts';
import { serve } from '../../support/server.ts';

/** Invokes the function at a stand-in for Lambda. */
async function invokeAt(lambda: RequestListener) {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new LambdaClient({ endpoint: await serve(lambda), region: 'eu-west-1', credentials });
  return invokeFunction(client, 'arn:aws:lambda:eu-west-1:123456789012:function:logout:7', 'request-1');
}

test('the response of a function that was invoked is its status and its body', async () => {
  const response = invokeAt((_, response) => response.end('{"statusCode":404,"headers":{},"body":"{}"}'));
  expect(await response).toEqual({ status: 404, body: '{}' });
});

test('a function that ends without a response is an error that quotes what Lambda says of it', async () => {
  const crash = invokeAt((_, response) =>
    response.setHeader('x-amz-function-error', 'Unhandled').end('{"errorType":"Runtime.ExitError"}'),
  );
  await expect(crash).rejects.toThrow(
    'The function ended without a response: {"errorType":"Runtime.ExitError"}',
  );
});
