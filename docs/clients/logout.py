"""Logs a connection out: Python 3.7 or later, and nothing else."""

import json
import os
import random
import re
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPException

WAITS_S = [1, 2, 4, 8, 15]


def make_body(connection):
    """Makes the body of a logout, once, with its time. Keep it until log_out returns."""
    now = datetime.now().astimezone().isoformat()
    return json.dumps({"date_logout": now, **connection}).encode()


def log_out(url, body, headers_for=lambda body: {}, just_logged_in=False, context=None):
    """Sends a body until there is a response that settles it.

    headers_for returns the headers that authenticate the caller, anew for each attempt.
    just_logged_in: whether to repeat a 404 three times.
    Returns the HTTP status and the fields of the response.
    Raises TimeoutError if the outcome is still unknown, and what headers_for raises: send the same body again later.
    """
    for attempt, wait in enumerate(WAITS_S + [None]):
        status, headers, fields = send(url, body, headers_for(body), context)
        repeats_404 = status == 404 and just_logged_in and attempt < 3
        if is_final(status, fields, json.loads(body)) and not repeats_404:
            return status, fields
        if wait is not None:
            time.sleep(max(wait * (1 - random.random() / 2), read_retry_after(headers.get("Retry-After"))))
    raise TimeoutError("It is not known whether the connection was logged out.")


def send(url, body, headers, context):
    """Sends the body once. Returns status, headers and fields; no status if that is not a response."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers}, method="PUT")
    received = {}
    try:
        try:
            # The timeout starts anew with each byte that arrives.
            response = urllib.request.urlopen(request, timeout=15, context=context)
        except urllib.error.HTTPError as error:
            response = error
        received = response.headers
        return response.code, received, json.loads(response.read())
    except (OSError, HTTPException, ValueError, RecursionError):
        return None, received, None


def is_final(status, fields, sent):
    """Whether this is a response of the service or the gateway that the same request would get again."""
    if not isinstance(fields, dict):
        return False
    if status in (200, 409):
        return fields.get("success") is (status == 200) and hex_of(fields.get("id")) == hex_of(sent["id"])
    if fields.get("code") == "invalid_connection" and [error["field"] for error in fields.get("errors") or []] == ["date_logout"]:
        return False
    return status in (400, 401, 403, 404, 413, 415) and isinstance(fields.get("message"), str)


def hex_of(guid):
    """The digits of a GUID, which may be written in several ways."""
    return re.sub("[^0-9a-f]", "", str(guid).lower())


def read_retry_after(text):
    """Reads Retry-After, a number or a date. Returns seconds, 60 at most."""
    try:
        if re.fullmatch("[0-9]+", text or ""):
            seconds = float(text)
        else:
            seconds = (parsedate_to_datetime(text) - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return 0
    return min(seconds, 60)


if __name__ == "__main__":
    url = os.environ.get("URL", "http://127.0.0.1:3000/api/tt_cmd_connection/logout")
    connection_id = os.environ.get("ID", "6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713")
    body = make_body({"id": connection_id, "terminal_id": "T-0412"})
    status, fields = log_out(url, body, just_logged_in=os.environ.get("JUST_LOGGED_IN") == "yes")
    print(status, fields.get("message"))
