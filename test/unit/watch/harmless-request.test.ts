import { describe, expect, test } from 'vitest';
import { describeDifference } from '../../../lambda/watch/harmless-request.ts';

describe('describeDifference', () => {
  test('finds none in 404 connection_not_found', () => {
    expect(describeDifference({ status: 404, body: '{"code":"connection_not_found"}' })).toBeUndefined();
  });

  test.each([
    [
      'another status with the right code',
      200,
      '{"code":"connection_not_found"}',
      '200 connection_not_found',
    ],
    ['another code', 404, '{"code":"internal_error"}', '404 internal_error'],
    ["the gateway's own 404", 404, '{"message":"Not Found"}', '404 {"message":"Not Found"}'],
    ['a body that is not JSON', 404, '<html>', '404 <html>'],
    ['the body null', 404, 'null', '404 null'],
    ['a long body, of which it quotes 200 characters', 502, 'x'.repeat(300), `502 ${'x'.repeat(200)}`],
  ])('describes %s', (_, status, body, seen) => {
    expect(describeDifference({ status, body })).toBe(
      `The response is ${seen}, but must be 404 connection_not_found.`,
    );
  });
});
