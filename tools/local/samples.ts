/** A connection as the login service writes it. */
type StoredItem = Readonly<Record<string, string | boolean | null>>;

/** A connection to try the service with. */
export interface SampleConnection {
  /** What a logout of it shows, in some 30 characters. */
  readonly shows: string;
  readonly item: StoredItem & { readonly id: string; readonly terminal_id: string };
}

/**
 * Makes a handful of connections to try the service with: five logged in, one logged out. The first is the one that
 * the printed `curl` line logs out.
 *
 * @param now the instant that the logins are counted back from.
 * @returns the items; their ids are the same each time.
 */
export function sampleConnections(now: Date): [SampleConnection, ...SampleConnection[]] {
  const minutesAgo = (minutes: number): string =>
    new Date(now.getTime() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  return [
    {
      shows: '200 logged_out, then repeated',
      item: {
        id: '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713',
        locator: 'MAD-04-TERRACE',
        id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
        terminal_id: 'T-0412',
        success: true,
        date_login: minutesAgo(94),
        terminal_type: 'handheld',
        id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
      },
    },
    {
      shows: 'a message, which stays or goes',
      item: {
        id: 'a3d94e07-51c8-4b26-8f7e-0c9b62d1f485',
        locator: 'MAD-04-BAR',
        id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
        terminal_id: 'T-0401',
        success: true,
        message: 'Shift opened by supervisor',
        date_login: minutesAgo(187),
        terminal_type: 'till',
        id_user: '74b0f5e2-1c8d-49a6-a3e7-5d2f9081c6b4',
      },
    },
    {
      shows: 'logged in: date_logout is NULL',
      item: {
        id: 'c05e8b71-7f2a-4d93-b6c4-e19a3d07f852',
        locator: 'BCN-11-ENTRANCE',
        id_pos_sesion: '19e6c4a8-d037-4b5f-92e1-6fa8b3c7d056',
        terminal_id: 'K-1103',
        success: true,
        message: null,
        date_login: minutesAgo(212),
        date_logout: null,
        terminal_type: 'kiosk',
        id_user: 'e8a1d6f3-05b7-4c29-8d4e-b3f70c952a16',
      },
    },
    {
      shows: 'logged in: date of the year 1',
      item: {
        id: '18b7f3c6-e24d-4a95-a0d8-7b5c9e1f6032',
        locator: 'VLC-02-CAFE',
        id_pos_sesion: '5c83a9d1-2e7f-4068-b4c9-f0d16e8b7a35',
        terminal_id: 'T-0207',
        success: false,
        date_login: minutesAgo(395),
        date_logout: '0001-01-01T00:00:00',
        terminal_type: 'till',
        id_user: '90f4c2b8-7d61-4e3a-95f0-a6c8d1e3b527',
      },
    },
    {
      shows: 'no session: the nil GUID',
      item: {
        id: 'd7290a4e-86b5-4fc1-93e2-5a0d8f7c1b64',
        locator: 'VLC-02-SPARE',
        terminal_id: 'T-0209',
        success: true,
        date_login: minutesAgo(31),
        terminal_type: 'handheld',
        id_user: '90f4c2b8-7d61-4e3a-95f0-a6c8d1e3b527',
      },
    },
    {
      shows: 'logged out: 200, 409 with a date',
      item: {
        id: 'f48c6d92-0e3b-4715-ad86-2c9f1e7b5a03',
        locator: 'MAD-04-OFFICE',
        id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
        terminal_id: 'T-0430',
        success: true,
        message: 'End of shift',
        date_login: minutesAgo(480),
        date_logout: minutesAgo(25),
        terminal_type: 'till',
        id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
      },
    },
  ];
}
