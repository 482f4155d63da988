"""HDFS by its HTTP interface, without Java (hadoop.apache.org/docs/r3.3.4, WebHDFS)."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode, urlsplit

from entries import CHUNK, BrokeOff, Entry, Source, StoreError, is_partial
from ranges import Ranges

ADDRESS = os.environ.get("SPARK_STORE_ADDRESS", "namenode:9870")
TIMEOUT = 120
# How long a NameNode may be in safe mode, and a file may have a dead writer: after 60 s HDFS lets
# another one write.
WAIT = 60
WAIT_FOR_WRITER = 90
# The NameNode stops naming a lost host after half a minute.
WAIT_FOR_HOST = 60
CONNECT = 10
ATTEMPTS = 8
PAUSE = 2
DAY = 24 * 3600 * 1000

# The group of files with another copy: `copy` wrote them, or `get` has fetched them. Nothing else
# depends on groups, since permissions are off, and a listing includes them without a request per
# file.
SAVED = "saved"

SAFE_MODE = ("SafeModeException", "RetriableException", "StandbyException")
OTHER_WRITER = ("AlreadyBeingCreatedException", "RecoveryInProgressException")


class Refusal(Exception):
    """An error of HDFS itself."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        # Java's stack trace follows the first line.
        self.message = message.split("\n")[0].strip()


class WebHdfs:
    scheme = ""

    def __init__(self) -> None:
        self.name_node = http.client.HTTPConnection(ADDRESS, timeout=TIMEOUT)

    def stat(self, path: str) -> Entry | None:
        try:
            return entry(path, self.ask("GET", path, "GETFILESTATUS")["FileStatus"])
        except Refusal as refusal:
            if refusal.kind == "FileNotFoundException":
                return None
            raise in_words(path, refusal) from None

    def list(self, path: str) -> list[Entry]:
        """The entries of a folder, by name; none if the folder is missing."""
        try:
            found = self.ask("GET", path, "LISTSTATUS")["FileStatuses"]["FileStatus"]
        except Refusal as refusal:
            if refusal.kind == "FileNotFoundException":
                return []
            raise in_words(path, refusal) from None
        return [entry(f"{path.rstrip('/')}/{status['pathSuffix']}", status) for status in found]

    def walk(self, path: str) -> Iterator[Entry]:
        """All entries below a folder, each folder before its content."""
        for found in self.list(path):
            yield found
            if found.is_folder:
                yield from self.walk(found.path)

    def usage(self, path: str) -> dict[str, int]:
        summary = self.done("GET", path, "GETCONTENTSUMMARY")["ContentSummary"]
        return {
            "files": summary["fileCount"],
            "size": summary["length"],
            "stored": summary["spaceConsumed"],
        }

    def remove(self, path: str) -> None:
        self.done("DELETE", path, "DELETE", recursive="true")

    def make_folder(self, path: str) -> None:
        self.done("PUT", path, "MKDIRS")

    def mark_saved(self, path: str) -> None:
        self.done("PUT", path, "SETOWNER", group=SAVED)

    def room(self) -> int:
        """The free bytes, counting all copies that a file gets."""
        copies = self.done("GET", "/", "GETSERVERDEFAULTS")["FsServerDefaults"]["replication"]
        state = self.state()
        waiting = Waiting()
        while state["FSState"] != "Operational":
            waiting.once()
            state = self.state()
        if state["NumLiveDataNodes"] == 0:
            raise no_host()
        return state["CapacityRemaining"] // copies

    def state(self) -> dict:
        _, body = self.ask_once("GET", "/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState")
        return json.loads(body)["beans"][0]

    def read(self, path: str, size: int, offset: int = 0) -> Iterator[bytes]:
        """The bytes from `offset` to `size`. If a host is lost meanwhile, another one has them."""
        attempts = 0
        while offset < size:
            try:
                answer = self.open("GET", path, "OPEN", offset=offset, length=size - offset)
                while chunk := answer.read(CHUNK):
                    offset += len(chunk)
                    attempts = 0
                    yield chunk
            except Refusal as refusal:
                if refusal.kind == "FileNotFoundException":
                    raise in_words(path, refusal) from None
            except (OSError, http.client.HTTPException):
                pass
            if offset < size:
                attempts += 1
                if attempts == ATTEMPTS:
                    raise StoreError(
                        f"{path} cannot be read beyond byte {offset} of {size}: no host that is up "
                        "has the rest of it. `spark-swarm status` shows which hosts are gone."
                    )
                time.sleep(PAUSE)

    def file(self, entry: Entry) -> Ranges:
        return Ranges(self, entry)

    def offset(self, source: Source, there: dict[str, Entry]) -> int | None:
        """The offset from which to send a file, given its folder's entries; None if it is there."""
        found = there.get(source.name)
        if found and found[2:4] == (source.size, source.modified):
            return None
        partial = there.get(source.partial.rpartition("/")[2])
        if partial is None:
            return 0
        size = self.settle(partial.path)
        return size if size <= source.size else 0

    def settle(self, path: str) -> int:
        """How many bytes were written of a file that its writer may not have closed.

        An empty append makes HDFS recover the file. If that takes too long, the file starts over.
        """
        deadline = time.monotonic() + WAIT_FOR_WRITER
        while True:
            try:
                self.open("POST", path, "APPEND", Counted([])).read()
                found = self.stat(path)
                return found.size if found else 0
            except (Refusal, OSError, http.client.HTTPException) as error:
                gone = isinstance(error, Refusal) and error.kind == "FileNotFoundException"
                if gone or time.monotonic() > deadline:
                    return 0
            time.sleep(PAUSE)

    def remove_old_partials(self, there: Iterable[Entry]) -> None:
        """Removes those of transfers that were not resumed."""
        for found in there:
            if is_partial(found.name) and found.modified < time.time() * 1000 - DAY:
                self.remove(found.path)

    def write(
        self, source: Source, offset: int, chunks: Iterable[bytes], is_saved: bool = True
    ) -> None:
        """Writes a file from `offset` on. It gets its name when it is complete."""
        partial = source.partial
        counted = Counted(chunks)
        if offset == 0:
            self.send(source, "PUT", "CREATE", counted, overwrite="true")
        elif offset < source.size:
            self.send(source, "POST", "APPEND", counted)
        if offset + counted.count < source.size:
            raise BrokeOff(f"{source.path} did not arrive completely.")
        written = self.stat(partial)
        if written is None or written.size != source.size:
            raise BrokeOff(f"{source.path} has changed while it was written.")
        self.done("PUT", partial, "SETTIMES", modificationtime=source.modified)
        if is_saved:
            self.mark_saved(partial)
        self.done("PUT", partial, "RENAME", destination=source.path, renameoptions="OVERWRITE")

    def send(self, source: Source, method: str, op: str, chunks: Counted, **query: str) -> None:
        deadline = time.monotonic() + WAIT_FOR_HOST
        while True:
            try:
                self.open(method, source.partial, op, chunks, **query).read()
                return
            except Refusal as refusal:
                raise in_words(source.path, refusal) from None
            except (OSError, http.client.HTTPException) as error:
                # The NameNode still names a lost host for some seconds.
                if chunks.count > 0 or time.monotonic() > deadline:
                    raise BrokeOff(
                        f"A host failed while it received {source.path} ({error})."
                    ) from None
            time.sleep(PAUSE)

    def done(self, method: str, path: str, op: str, **query: object) -> dict:
        try:
            return self.ask(method, path, op, **query)
        except Refusal as refusal:
            raise in_words(path, refusal) from None

    def ask(self, method: str, path: str, op: str, **query: object) -> dict:
        """The NameNode's answer."""
        answer, body = self.ask_name_node(method, path, op, query)
        return json.loads(body) if body else {}

    def open(
        self, method: str, path: str, op: str, chunks: Counted | None = None, **query: object
    ) -> http.client.HTTPResponse:
        """Connects to the host that the NameNode names for a file's bytes."""
        answer, _ = self.ask_name_node(method, path, op, {**query, "buffersize": CHUNK})
        place = urlsplit(answer.getheader("Location"))
        connection = http.client.HTTPConnection(place.netloc, timeout=CONNECT)
        connection.connect()
        connection.sock.settimeout(TIMEOUT)
        # Not the path in its answer, in which Java composes letters and their accents.
        url = f"{url_of(path)}?{place.query}"
        if chunks is None:
            connection.request(method, url)
        else:
            # In chunks, so that an interrupted upload still ends properly, with all data that came.
            headers = {"Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"}
            try:
                connection.request(method, url, chunks, headers, encode_chunked=True)
            except OSError:
                if chunks.count == 0:
                    raise
                # The host refuses more data; its answer has the reason.
        answer = connection.getresponse()
        if answer.status >= 400:
            raise refusal_of(answer, answer.read())
        return answer

    def ask_name_node(self, method: str, path: str, op: str, query: dict[str, object]):
        url = f"{url_of(path)}?{urlencode({'op': op, 'user.name': 'spark', **query})}"
        waiting = Waiting()
        while True:
            answer, body = self.ask_once(method, url)
            if answer.status < 400:
                return answer, body
            refusal = refusal_of(answer, body)
            if refusal.kind not in SAFE_MODE:
                raise refusal
            waiting.once()

    def ask_once(self, method: str, url: str):
        for kept in (self.name_node.sock is not None, False):
            try:
                self.name_node.request(method, url)
                answer = self.name_node.getresponse()
                return answer, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.name_node.close()
                # The NameNode closes connections that are idle for some seconds.
                if not kept:
                    raise not_there(error) from None
        raise AssertionError


class Waiting:
    """The error for a NameNode that does not know yet where the blocks are."""

    def __init__(self) -> None:
        self.deadline = time.monotonic() + WAIT
        self.noted = False

    def once(self) -> None:
        if time.monotonic() > self.deadline:
            raise BrokeOff(
                f"The store has been in safe mode for {WAIT} s: the hosts that have its blocks "
                "are not all back. `spark-swarm status` shows which are missing."
            )
        if not self.noted:
            print("note: waiting for the store, which is starting (safe mode)", file=sys.stderr)
        self.noted = True
        time.sleep(1)


class Counted:
    """Chunks, with a count of the consumed bytes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.count += len(chunk)
            yield chunk


def url_of(path: str) -> str:
    return "/webhdfs/v1" + quote(path, safe="/")


def entry(path: str, status: dict) -> Entry:
    return Entry(
        path,
        status["type"] == "DIRECTORY",
        status["length"],
        status["modificationTime"],
        status["replication"],
        status["group"] == SAVED,
    )


def refusal_of(answer: http.client.HTTPResponse, body: bytes) -> Refusal:
    try:
        remote = json.loads(body)["RemoteException"]
        return Refusal(remote["exception"], remote.get("message") or remote["exception"])
    except (ValueError, KeyError):
        return Refusal("", f"HTTP status {answer.status} {answer.reason}")


def not_there(error: Exception) -> BrokeOff:
    return BrokeOff(
        f"The store's NameNode does not answer at {ADDRESS} ({error}). "
        "`spark-swarm status` shows its state."
    )


def no_host() -> StoreError:
    return StoreError(
        "No host of the store is up to take files. `spark-swarm status` shows its hosts."
    )


def in_words(path: str, refusal: Refusal) -> StoreError:
    kind, message = refusal.kind, refusal.message
    if kind == "FileNotFoundException":
        return StoreError(f"There is no {path} in the store.")
    if kind in ("ParentNotDirectoryException", "FileAlreadyExistsException"):
        return StoreError(f"{path}: it is a file where a folder is needed, or the reverse.")
    if kind == "PathComponentTooLongException":
        return StoreError(f"{path}: the name is too long; HDFS allows 255 bytes.")
    if kind in OTHER_WRITER:
        return BrokeOff(f"{path} is being written by another client.")
    if "could only be written to 0" in message or "Failed to find datanode" in message:
        if "There are 0 datanode" in message or "Failed to find datanode" in message:
            return no_host()
        return StoreError(
            "The store is full: no host has room for another block. `spark-swarm du` shows disk "
            "usage, `spark-swarm rm` removes files; more workers add room."
        )
    return StoreError(f"{path}: {message} ({kind})" if kind else f"{path}: {message}")
