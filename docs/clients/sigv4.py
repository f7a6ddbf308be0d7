"""Logs a connection out as a caller with AWS credentials, with botocore."""

import os

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import get_session

from logout import log_out, make_body

url = os.environ["URL"]


def sign(body):
    request = AWSRequest("PUT", url, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(get_session().get_credentials(), "execute-api", os.environ["AWS_REGION"]).add_auth(request)
    return dict(request.headers)


status, fields = log_out(url, make_body({"id": os.environ["ID"], "terminal_id": "T-0412"}), sign)
print(status, fields.get("message"))
