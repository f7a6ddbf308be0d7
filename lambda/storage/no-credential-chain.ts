/**
 * Stands in the bundle for the SDK's chain of credential providers (SSO, profiles, STS, instance metadata), which a
 * Lambda never asks: its credentials come from the environment, and `config.ts` reads them there. The chain would
 * double the bundle and cost a quarter of the CPU of a cold start.
 *
 * @throws {Error} when asked all the same.
 */
export function defaultProvider(): never {
  throw new Error('The client of the table was made without credentials.');
}
