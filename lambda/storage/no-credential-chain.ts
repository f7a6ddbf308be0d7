/**
 * Stands in the bundle for the SDK's chain of credential providers (SSO, profiles, STS, instance metadata), which a
 * Lambda never asks: its credentials come from the environment, and `config.ts` reads them there. With the chain the
 * bundle would have 379 KB in place of 243.
 *
 * @throws {Error} when asked all the same.
 */
export function defaultProvider(): never {
  throw new Error('The client of the table was made without credentials.');
}
