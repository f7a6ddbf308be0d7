/** For `vi.waitFor`, whose own limit, a second, is one that a loaded machine reaches. */
export const WAIT = { timeout: 200_000 };
