/** The one path that is served. Terminals have it built in. Beside the API, for those who need it without CDK. */
export const ROUTE_PATH = '/api/tt_cmd_connection/logout';
