"""A key-value store that its clients share: `livy_store.py [--livy ADDRESS] VERB ...`.

It is an object named `store` in a session of Apache Livy, which has a name too; whichever client
comes first starts it. Clients may be on different machines, and need nothing but Python.

    put KEY VALUE   VALUE being JSON
    get KEY         prints it as JSON
    keys            prints all keys as a list
    drop            ends the session, and the store with it

Keys and values go to the session as JSON, so that none of them can be code. The exit status is 1
when there is no such key, or the session does not answer.
"""

import argparse
import json
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

NAME = "key-value-store"
# Time limits for starting a session and for a statement, seconds.
LIMIT = 300


class Livy:
    """A client of Livy's REST interface: livy.apache.org/docs/latest/rest-api.html."""

    def __init__(self, address: str):
        self.address = address

    def ask(self, method: str, path: str, body: object = None) -> dict:
        # Livy requires the requester's name for a change: a web page could not send it.
        headers = {"Content-Type": "application/json", "X-Requested-By": "livy_store.py"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, headers, method=method)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def session(self) -> int:
        """The id of the session, ready for statements."""
        if self.find() is None:
            try:
                self.ask("POST", "/sessions", {"name": NAME, "kind": "pyspark"})
            except HTTPError:
                # Another client was faster: a session of this name exists now.
                if self.find() is None:
                    raise
        return self.wait(self.find, {"idle", "busy"})["id"]

    def find(self) -> "dict | None":
        sessions = self.ask("GET", "/sessions?size=1000")["sessions"]
        alive = [one for one in sessions if one["state"] in {"starting", "idle", "busy"}]
        return next((one for one in alive if one["name"] == NAME), None)

    def run(self, code: str) -> dict:
        """A statement's result, by its media type."""
        statements = f"/sessions/{self.session()}/statements"
        number = self.ask("POST", statements, {"code": code})["id"]
        ended = self.wait(lambda: self.ask("GET", f"{statements}/{number}"), {"available"})
        output = ended["output"]
        if output["status"] != "ok":
            sys.exit(f"{output['ename']}: {output['evalue']}")
        return output["data"]

    def wait(self, look, states: set) -> dict:
        deadline = time.monotonic() + LIMIT
        while (found := look()) is None or found["state"] not in states:
            if found is None or time.monotonic() > deadline:
                sys.exit(f"Livy's session {NAME} does not answer: {found}")
            time.sleep(0.2)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--livy", metavar="ADDRESS", default="http://localhost:8998")
    verbs = parser.add_subparsers(dest="verb", required=True)
    put = verbs.add_parser("put")
    put.add_argument("key")
    put.add_argument("value", type=json.loads)
    verbs.add_parser("get").add_argument("key")
    verbs.add_parser("keys")
    verbs.add_parser("drop")
    options = parser.parse_args()

    livy = Livy(options.livy)
    if options.verb == "drop":
        session = livy.find()
        if session:
            livy.ask("DELETE", f"/sessions/{session['id']}")
        return
    given = repr(json.dumps(vars(options)))
    begin = f"import json; given = json.loads({given}); store = globals().get('store', {{}})\n"
    if options.verb == "put":
        livy.run(f"{begin}store[given['key']] = given['value']")
        return
    answer = {"get": "store[given['key']]", "keys": "sorted(store)"}[options.verb]
    data = livy.run(f"{begin}answer = {answer}\n%json answer")
    print(json.dumps(data["application/json"]))


if __name__ == "__main__":
    main()
