"""moto's server as the emulated AWS runs it: with EC2's behaviour that moto lacks.

Prints one line of JSON when it is ready: its port, and an administrator's credentials. Ends when
its standard input does. Beside AWS's API it serves the emulated cloud's requests, under /_moto/:

- GET state: everything that exists, see snapshot.py
- POST instances: a report on an instance's machine, see instances.py
- POST credentials: an instance's temporary credentials for its role
"""

import json
import os
import sys
from contextlib import nullcontext
from threading import Lock, Thread

import dependencies
import instances
import machine_images
import snapshot
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import S3IAMRequest
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.sts.models import sts_backends
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

ADMINISTRATOR = "administrator"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
# As long as those of EC2.
CREDENTIALS_SECONDS = 6 * 3600


class QuietHandler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        pass


def create_administrator():
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    iam.create_user("us-east-1", ADMINISTRATOR)
    iam.put_user_policy(
        ADMINISTRATOR, "all", json.dumps({"Version": "2012-10-17", "Statement": [ALL]})
    )
    key = iam.create_access_key(ADMINISTRATOR)
    return {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}


def role_credentials(order):
    """Temporary credentials for a role, as an instance's metadata gives them."""
    assumed = sts_backends[DEFAULT_ACCOUNT_ID]["aws"].assume_role(
        region_name=order["region"],
        role_session_name=order["instance"],
        role_arn=order["role"],
        policy="",
        duration=CREDENTIALS_SECONDS,
        external_id="",
    )
    return {
        "accessKeyId": assumed.access_key_id,
        "secretAccessKey": assumed.secret_access_key,
        "sessionToken": assumed.session_token,
        "expiration": assumed.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def own_application(moto):
    """Requests of the emulated cloud; everything else is AWS's API."""
    # moto's models are not thread-safe, except S3's, whose objects take time to arrive.
    one_at_a_time = Lock()
    work = {
        "/_moto/state": lambda _: snapshot.everything(),
        "/_moto/instances": instances.apply,
        "/_moto/credentials": role_credentials,
    }

    def application(environ, start_response):
        answer = work.get(environ.get("PATH_INFO"))
        if answer is None:
            is_object = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
            with nullcontext() if is_object else one_at_a_time:
                return moto(environ, start_response)
        with one_at_a_time:
            answered = json.dumps(answer(json.loads(Request(environ).get_data() or "null")))
        return Response(answered, mimetype="application/json")(environ, start_response)

    return application


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


def main():
    dependencies.enforce()
    machine_images.offer()
    instances.emulate()
    # Signatures are checked, except those of S3's requests, whose bodies may be signed in chunks.
    S3IAMRequest.check_signature = lambda self: None
    moto = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, own_application(moto), threaded=True, request_handler=QuietHandler
    )
    print(json.dumps({"port": server.port, **create_administrator()}), flush=True)
    Thread(target=end_with_standard_input, daemon=True).start()
    server.serve_forever()


main()
