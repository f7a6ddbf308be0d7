import type { LocalTable } from './table.ts';

/** A connection as the login service writes it. */
export interface SampleConnection {
  /** What a logout of it shows, in some 30 characters. */
  readonly shows: string;
  readonly item: Readonly<Record<string, string | boolean | null>> & {
    readonly id: string;
    readonly terminal_id: string;
  };
}

/**
 * Makes a handful of connections to try the service with: five logged in, one logged out. The first is the one that
 * the printed `curl` line logs out.
 *
 * @param now the instant that the logins are counted back from.
 * @returns the connections; their ids are the same each time.
 */
export function createSamples(now: Date): [SampleConnection, ...SampleConnection[]] {
  const minutesAgo = (minutes: number): string =>
    new Date(now.getTime() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const common = {
    success: true,
    id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
    id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
  };
  const handheld = { ...common, locator: 'MAD-04-TERRACE', terminal_type: 'handheld' };
  const till = { ...common, locator: 'MAD-04-BAR', terminal_type: 'till' };
  return [
    {
      shows: '200 logged_out, then repeated',
      item: {
        ...handheld,
        id: '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713',
        terminal_id: 'T-0412',
        date_login: minutesAgo(94),
      },
    },
    {
      shows: 'a message, which stays or goes',
      item: {
        ...till,
        id: 'a3d94e07-51c8-4b26-8f7e-0c9b62d1f485',
        terminal_id: 'T-0401',
        message: 'Shift opened by supervisor',
        date_login: minutesAgo(187),
      },
    },
    {
      shows: 'logged in: date_logout is NULL',
      item: {
        ...till,
        id: 'c05e8b71-7f2a-4d93-b6c4-e19a3d07f852',
        terminal_id: 'K-1103',
        message: null,
        date_login: minutesAgo(212),
        date_logout: null,
      },
    },
    {
      shows: 'logged in: date of the year 1',
      item: {
        ...till,
        id: '18b7f3c6-e24d-4a95-a0d8-7b5c9e1f6032',
        terminal_id: 'T-0207',
        success: false,
        date_login: minutesAgo(395),
        date_logout: '0001-01-01T00:00:00',
      },
    },
    {
      shows: 'the nil GUID, as nothing is stored',
      item: {
        id: 'd7290a4e-86b5-4fc1-93e2-5a0d8f7c1b64',
        terminal_id: 'T-0209',
        date_login: minutesAgo(31),
      },
    },
    {
      shows: 'logged out: 200, 409 with a date',
      item: {
        ...till,
        id: 'f48c6d92-0e3b-4715-ad86-2c9f1e7b5a03',
        terminal_id: 'T-0430',
        message: 'End of shift',
        date_login: minutesAgo(480),
        date_logout: minutesAgo(25),
      },
    },
  ];
}

/** Writes connections into the table, in place of those with the same ids. */
export async function putSamples(table: LocalTable, samples: readonly SampleConnection[]): Promise<void> {
  await Promise.all(samples.map(({ item }) => table.put(item)));
}
