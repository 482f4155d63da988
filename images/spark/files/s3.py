"""The S3 service of the cluster's jobs, by Hadoop's configuration for it.

Uses pyarrow's client, since Hadoop's takes seconds to start.
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from entries import CHUNK, BrokeOff, Entry, Source, StoreError

CONFIGURATION = Path(os.environ.get("SPARK_S3_CONFIGURATION", "/run/secrets/spark_s3"))
ROLE = Path("/run/aws/credentials")
# Bytes of one request.
READ = 16 * CHUNK


def options(configuration: str) -> dict[str, object]:
    """Converts Hadoop's properties to pyarrow's arguments."""
    properties = {
        found.findtext("name"): found.findtext("value") for found in xml.fromstring(configuration)
    }
    get = lambda name: properties.get(f"fs.s3a.{name}")  # noqa: E731
    given: dict[str, object] = {"region": get("endpoint.region")}
    if endpoint := get("endpoint"):
        scheme = "http" if get("connection.ssl.enabled") == "false" else "https"
        given["scheme"] = scheme
        given["endpoint_override"] = urlsplit(endpoint).netloc or endpoint
    given["force_virtual_addressing"] = (
        "endpoint_override" in given and get("path.style.access") != "true"
    )
    if "Anonymous" in (get("aws.credentials.provider") or ""):
        given["anonymous"] = True
    elif key := get("access.key"):
        given |= {
            "access_key": key,
            "secret_key": get("secret.key"),
            "session_token": get("session.token"),
        }
    return given


class S3:
    scheme = "s3a:/"

    def __init__(self) -> None:
        if not CONFIGURATION.exists():
            raise StoreError(
                "This cluster has no S3. Configure it with the setting s3 (docs/workloads.md)."
            )
        if ROLE.exists():
            os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(ROLE)
        from pyarrow import fs

        self.fs = fs
        self.unfinished: list[object] = []
        self.s3 = fs.S3FileSystem(
            connect_timeout=10,
            request_timeout=60,
            **options(CONFIGURATION.read_text(encoding="utf-8")),
        )

    def entry(self, info) -> Entry:
        is_folder = info.type == self.fs.FileType.Directory
        modified = int((info.mtime_ns or 0) / 1_000_000)
        return Entry("/" + info.path, is_folder, info.size or 0, modified, 1)

    def stat(self, path: str) -> Entry | None:
        with in_words(path):
            info = self.s3.get_file_info(path.strip("/"))
        return None if info.type == self.fs.FileType.NotFound else self.entry(info)

    def select(self, path: str, recursive: bool) -> list[Entry]:
        selector = self.fs.FileSelector(path.strip("/"), allow_not_found=True, recursive=recursive)
        with in_words(path):
            found = self.s3.get_file_info(selector)
        return sorted(map(self.entry, found))

    def list(self, path: str) -> list[Entry]:
        return self.select(path, recursive=False)

    def walk(self, path: str) -> Iterator[Entry]:
        yield from self.select(path, recursive=True)

    def usage(self, path: str) -> dict[str, int]:
        found = self.stat(path)
        files = [found] if found and not found.is_folder else self.walk(path)
        sizes = [entry.size for entry in files if not entry.is_folder]
        return {"files": len(sizes), "size": sum(sizes), "stored": sum(sizes)}

    def remove(self, path: str) -> None:
        found = self.stat(path)
        with in_words(path):
            if found and found.is_folder:
                self.s3.delete_dir(path.strip("/"))
            else:
                self.s3.delete_file(path.strip("/"))

    def make_folder(self, path: str) -> None:
        with in_words(path):
            self.s3.create_dir(path.strip("/"), recursive=True)

    def room(self) -> None:
        """Unlimited."""

    def read(self, path: str, size: int, offset: int = 0) -> Iterator[bytes]:
        with in_words(path):
            file = self.s3.open_input_file(path.strip("/"))
            while offset < size:
                chunk = file.read_at(min(READ, size - offset), offset)
                if not chunk:
                    raise StoreError(f"{path} became shorter while it was read.")
                offset += len(chunk)
                yield chunk

    def file(self, entry: Entry):
        return self.s3.open_input_file(entry.path.strip("/"))

    def offset(self, source: Source, there: dict[str, Entry]) -> int | None:
        """None if the file is there, judging by the write time: S3 does not record its source."""
        found = there.get(source.name)
        whole = found and found.size == source.size and found.modified >= source.modified
        return None if whole else 0

    def remove_old_partials(self, there: Iterable[Entry]) -> None:
        """There are none: an object exists only when it is complete."""

    def write(self, source: Source, offset: int, chunks: Iterable[bytes]) -> None:
        count = 0
        with in_words(source.path):
            stream = self.s3.open_output_stream(source.path.strip("/"))
            for chunk in chunks:
                count += len(chunk)
                stream.write(chunk)
            if count < source.size:
                # The stream completes the object when it is closed or garbage-collected.
                self.unfinished.append(stream)
                raise BrokeOff(f"{source.path} did not arrive completely.")
            stream.close()


class in_words:
    """Turns the client's error into an error about a path."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, _trace) -> None:
        if isinstance(error, (BrokenPipeError, StoreError)) or not isinstance(error, OSError):
            return
        bucket = self.path.strip("/").split("/")[0]
        text = str(error)
        if "NO_SUCH_BUCKET" in text:
            raise StoreError(f"There is no bucket {bucket}.") from None
        if "does not exist" in text:
            raise StoreError(f"There is no {S3.scheme}{self.path}.") from None
        if re.search("ACCESS_DENIED|INVALID_ACCESS_KEY|SIGNATURE|status 403|EXPIRED", text):
            raise StoreError(
                f"S3 refuses bucket {bucket}: check the keys in the setting s3. {text}"
            ) from None
        if "NETWORK_CONNECTION" in text or "curlCode" in text:
            raise BrokeOff(f"The S3 service does not answer: {text}.") from None
        raise StoreError(f"{S3.scheme}{self.path}: {text}") from None
