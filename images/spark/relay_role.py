"""Gives Spark the credentials of the host's role: `spark-relay-role FILE`.

Containers cannot reach EC2's metadata service; this one is on the host's network. The file is for
AWS's SDKs (docs.aws.amazon.com/sdkref/latest/guide/file-format.html), which read it again every
five minutes. EC2 has new credentials at least five minutes before the old ones expire, so this
polls often.
"""

import json
import sys
import time
import urllib.request
from pathlib import Path

METADATA = "http://169.254.169.254/latest/"
SECONDS = 10


def main() -> None:
    file = Path(sys.argv[1])
    while True:
        try:
            put(file, profile(credentials()))
        except (OSError, KeyError, ValueError) as error:
            print(f"no credentials of the host's role: {error!r}", file=sys.stderr, flush=True)
        time.sleep(SECONDS)


def credentials() -> dict[str, str]:
    token = ask("api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    header = {"X-aws-ec2-metadata-token": token}
    roles = "meta-data/iam/security-credentials/"
    return json.loads(ask(roles + ask(roles, "GET", header).split("\n")[0], "GET", header))


def ask(path: str, method: str, headers: dict[str, str]) -> str:
    request = urllib.request.Request(METADATA + path, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def profile(given: dict[str, str]) -> str:
    lines = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["Token"],
    }
    return "\n".join(["[default]", *(f"{name} = {value}" for name, value in lines.items()), ""])


def put(file: Path, text: str) -> None:
    """Replaces the file atomically: readers find the old file or the new one."""
    if file.exists() and file.read_text() == text:
        return
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.write_text(text)
    new.chmod(0o440)
    new.replace(file)
    print("new credentials of the host's role", flush=True)


if __name__ == "__main__":
    main()
