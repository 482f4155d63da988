"""Removes dead entries from the records of Spark's master: `forget_gone.py FOLDER`.

A restarted master schedules nothing until all workers and applications on record have answered,
or half a minute has passed. Each record is of one of them, and has its address.
"""

import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ADDRESS = re.compile(rb"spark://(?:Worker|AppClient)@([\w.-]+):(\d+)")
# This container's own network may have come up just now.
SECONDS = 3


def is_gone(record: Path) -> bool:
    found = ADDRESS.search(record.read_bytes())
    return found is None or not answers((found[1].decode(), int(found[2])))


def answers(address: tuple[str, int]) -> bool:
    end = time.monotonic() + SECONDS
    while (left := end - time.monotonic()) > 0:
        try:
            socket.create_connection(address, timeout=left).close()
            return True
        except ConnectionRefusedError:
            return False
        except OSError:
            time.sleep(0.2)
    return False


records = list(Path(sys.argv[1]).iterdir())
with ThreadPoolExecutor(32) as pool:
    for record, gone in zip(records, pool.map(is_gone, records)):
        if gone:
            print(
                f"removed the record {record.name}: its process is gone",
                file=sys.stderr,
                flush=True,
            )
            record.unlink()
