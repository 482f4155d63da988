"""Makes leaving DataNodes hand over blocks: `hand_over.py ADDRESS…`; forgets them without any.

Ends when each block has all its copies on other hosts or, with too few hosts, at least one there.
Ends with status 1 after ten minutes without progress.
"""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

EXCLUDED = Path("/var/lib/spark/namenode/exclude")
NODES = "http://namenode:9870/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
# Seconds without a change: a block of 128 MB takes a few.
STALLED = 10
GIVEN_UP = 600
# Until the NameNode considers a host dead, it counts its copies, and would delete others as excess.
GONE = 180


def main() -> int:
    leaving = set(sys.argv[1:])
    if not leaving:
        forget(set(EXCLUDED.read_text("utf-8").split()))
        return 0
    exclude(leaving)
    return wait(leaving)


def exclude(leaving: set[str]) -> None:
    EXCLUDED.write_text("".join(f"{address}\n" for address in sorted(leaving)), "utf-8")
    refresh = 'source /opt/store/daemons.sh; hdfs org.apache.hadoop.hdfs.tools.DFSAdmin "$@"'
    subprocess.run(
        ["bash", "-euc", refresh, "-", "-refreshNodes"], check=True, stdout=subprocess.DEVNULL
    )


def forget(gone: set[str]) -> None:
    """Addresses are reused: the next host with one of them must get blocks."""
    deadline = time.monotonic() + GONE
    while any(address(node) in gone for node in live()) and time.monotonic() < deadline:
        time.sleep(1)
    exclude(set())


def wait(leaving: set[str]) -> int:
    nodes = [node for node in live() if address(node) in leaving]
    size = sum(node["usedSpace"] for node in nodes)
    print(f"the store: {len(nodes)} hosts hand over {size / 1e9:.1f} GB", flush=True)
    last, since = None, time.monotonic()
    while pending := [node for node in live() if address(node) in leaving and not done(node)]:
        counts = missing(leaving)
        if counts != last:
            last, since = counts, time.monotonic()
            print(f"the store: {counts[0]} blocks to copy", flush=True)
        copies, only = counts
        still = time.monotonic() - since
        if still > STALLED and only == 0:
            print(f"the store: {copies} blocks have fewer copies: too few hosts", flush=True)
            return 0
        if still > GIVEN_UP:
            names = ", ".join(sorted(address(node) for node in pending))
            print(f"the store: {only} blocks are only on {names}, and stay there", file=sys.stderr)
            return 1
        time.sleep(1)
    print("the store: all blocks are on other hosts", flush=True)
    return 0


def missing(leaving: set[str]) -> tuple[int, int]:
    """How many blocks lack copies on other hosts, and how many of them have none there."""
    nodes = [node for node in listed("DecomNodes") if address(node) in leaving]
    copies = sum(node["underReplicatedBlocks"] for node in nodes)
    return copies, sum(node["decommissionOnlyReplicas"] for node in nodes)


def live() -> list[dict]:
    return listed("LiveNodes")


def listed(attribute: str) -> list[dict]:
    """A table of the NameNode, which is JSON inside JSON."""
    with urllib.request.urlopen(NODES, timeout=10) as answer:
        return list(json.loads(json.load(answer)["beans"][0][attribute]).values())


def address(node: dict) -> str:
    return node["xferaddr"].rsplit(":", 1)[0]


def done(node: dict) -> bool:
    return node["adminState"] == "Decommissioned"


if __name__ == "__main__":
    sys.exit(main())
