#!/bin/sh
# Logs a connection out with curl 7.84 or later; a Retry-After that is a date needs GNU date.
# Arguments are passed to curl. The environment: URL, ID, and JUST_LOGGED_IN=yes to repeat a 404 three times.
# Prints the status and the response. Exit code: 0 logged out, 1 refused, 75 unknown.

URL=${URL:-http://127.0.0.1:3000/api/tt_cmd_connection/logout}
ID=${ID:-6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713}
body="{\"id\":\"$ID\",\"terminal_id\":\"T-0412\",\"date_logout\":\"$(date +%FT%T%z)\"}"

response=$(mktemp)
trap 'rm -f "$response"' EXIT
response_has() { grep -Eqi "$1" "$response"; }

attempt=0
for wait in 1 2 4 8 15 ''; do
  attempt=$((attempt + 1))
  : >"$response"
  result=$(curl "$@" --silent --show-error --max-time 15 --request PUT "$URL" \
    --header 'Content-Type: application/json' --data "$body" \
    --output "$response" --write-out '%{http_code} %header{retry-after}') || result='000 '
  status=${result%% *}
  retry_after=${result#* }

  exit_code=
  case $status in
    200) response_has "^\{\"id\":\"$ID\",.*\"success\":true" && exit_code=0 ;;
    409) response_has "^\{\"id\":\"$ID\",.*\"success\":false" && exit_code=1 ;;
    400 | 401 | 403 | 404 | 413 | 415) response_has '^\{.*"message":"' && exit_code=1 ;;
  esac
  response_has '"errors":\[\{"field":"date_logout"[^{]*\]' && exit_code=
  [ "$status$JUST_LOGGED_IN" = 404yes ] && [ "$attempt" -le 3 ] && exit_code=
  if [ -n "$exit_code" ]; then
    echo "$status $(cat "$response")"
    exit "$exit_code"
  fi

  [ -z "$wait" ] && break
  case $retry_after in
    *[!0-9]*) retry_after=$(($(date -d "$retry_after" +%s || echo 0) - $(date +%s))) ;;
  esac
  [ "${retry_after:-0}" -gt 60 ] && retry_after=60
  [ "${retry_after:-0}" -gt "$wait" ] && wait=$retry_after
  sleep "$wait"
done

echo "It is not known whether the connection was logged out. Send this again: $body" >&2
exit 75
