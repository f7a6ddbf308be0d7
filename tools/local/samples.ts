/** A connection as the login service writes it. */
export interface SampleConnection {
  /** What a logout of it shows, in some 30 characters. */
  readonly shows: string;
  readonly item: Readonly<Record<string, unknown>> & { readonly id: string; readonly terminal_id: string };
}

/**
 * Makes a handful of connections to try the service with. The first is the one that the printed `curl` line logs out.
 *
 * @param now the instant that the logins are counted back from.
 * @returns the connections; their ids are the same each time.
 */
export function createSamples(now: Date): [SampleConnection, ...SampleConnection[]] {
  const minutesAgo = (minutes: number): string =>
    new Date(now.getTime() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const common = {
    locator: 'MAD-04-TERRACE',
    id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
    success: true,
    date_login: minutesAgo(94),
    terminal_type: 'handheld',
    id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
  };
  return [
    {
      shows: '200 logged_out, then repeated',
      item: { ...common, id: '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713', terminal_id: 'T-0412' },
    },
    {
      shows: 'a message, which stays or goes',
      item: {
        ...common,
        id: 'a3d94e07-51c8-4b26-8f7e-0c9b62d1f485',
        terminal_id: 'T-0401',
        message: 'Shift opened by supervisor',
        date_logout: null,
      },
    },
    {
      shows: 'logged in: date of the year 1',
      item: {
        ...common,
        id: '18b7f3c6-e24d-4a95-a0d8-7b5c9e1f6032',
        terminal_id: 'T-0207',
        date_logout: '0001-01-01T00:00:00',
      },
    },
    {
      shows: 'logged out: 200, 409 with a date',
      item: {
        ...common,
        id: 'f48c6d92-0e3b-4715-ad86-2c9f1e7b5a03',
        terminal_id: 'T-0430',
        date_logout: minutesAgo(25),
      },
    },
  ];
}
