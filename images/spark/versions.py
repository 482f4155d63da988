"""The versions of Spark, Java and Python here, and whether the workers have the same.

`versions.py serve ADDRESS` serves them; `versions.py check` asks every worker of the master.
"""

import http.server
import json
import re
import shutil
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

PORT = 8082
SECONDS = 5


def here() -> dict[str, str]:
    java = Path(shutil.which("java")).resolve().parents[1]
    release = Path(java, "release").read_text(encoding="utf-8")
    return {
        "Spark": version("pyspark"),
        "Java": re.search(r'JAVA_VERSION="(\d+)', release)[1],
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def serve(address: str) -> None:
    versions = json.dumps(here()).encode()

    class Versions(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(versions)

        def log_message(self, *_: object) -> None:
            pass

    http.server.ThreadingHTTPServer((address, PORT), Versions).serve_forever()


def ask(url: str) -> dict | None:
    """None without an answer: a worker that is starting or dead is no reason to refuse."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return json.load(answer)
    except (OSError, urllib.error.URLError):
        return None


def check() -> None:
    master = ask("http://master:8080/json/") or {"workers": []}
    hosts = sorted({worker["host"] for worker in master["workers"] if worker["state"] == "ALIVE"})
    mine = here()
    with ThreadPoolExecutor(32) as pool:
        theirs = zip(hosts, pool.map(ask, [f"http://{host}:{PORT}" for host in hosts]))
        other = [(host, found) for host, found in theirs if found is not None and found != mine]
    if not other:
        return
    print("The driver's versions differ from those of these workers:", file=sys.stderr)
    for host, versions in [("driver", mine), *other]:
        print(f"  {host}: {', '.join(map(' '.join, versions.items()))}", file=sys.stderr)
    print(
        "Jobs would fail with misleading errors. Run `pulumi up` to give the whole cluster one "
        "image. If one is already running, wait until it ends.",
        file=sys.stderr,
    )
    sys.exit(78)


{"serve": serve, "check": check}[sys.argv[1]](*sys.argv[2:])
