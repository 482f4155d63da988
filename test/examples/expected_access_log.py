"""The last line that examples/access_log.py must print, computed without Spark: `… PATH`.

Lines are read by hand, field after field, so that a mistake in the job's regular expressions does
not repeat itself here.
"""

import json
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import NamedTuple

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DIGITS = set("0123456789")
METHOD_CHARACTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
VERSION_CHARACTERS = DIGITS | {"."}


class Malformed(Exception):
    pass


class Request(NamedTuple):
    address: str
    day: date
    path: str
    bytes: int
    referrer: str


def number(text: str, digits: int) -> int:
    if len(text) != digits or not DIGITS.issuperset(text):
        raise Malformed
    return int(text)


def parse_day(time: str) -> date:
    """The day of a time such as 17/May/2015:10:05:03 +0000."""
    if len(time) != 26 or [time[i] for i in (2, 6, 11, 14, 17, 20)] != list("//::: "):
        raise Malformed
    hour, minute, second = (number(time[i : i + 2], 2) for i in (12, 15, 18))
    year = number(time[7:11], 4)
    number(time[22:], 4)
    if hour > 23 or minute > 59 or second > 60 or time[21] not in "+-" or year < 1000:
        raise Malformed
    try:
        return date(year, MONTHS.index(time[3:6]) + 1, number(time[:2], 2))
    except ValueError:
        raise Malformed from None


def quoted(line: str, start: int) -> tuple[str, int]:
    """The text in the double quotes that open at start, and where it goes on after them."""
    if line[start : start + 1] != '"':
        raise Malformed
    position = start + 1
    while True:
        end = line.find('"', position)
        if end < 0:
            raise Malformed
        escape = line.find("\\", position, end)
        if escape < 0:
            return line[start + 1 : end], end + 1
        position = escape + 2


def parse_path(request: str) -> str:
    """The path of a request; empty when it has none."""
    method, space, target = request.partition(" ")
    if not method or not METHOD_CHARACTERS.issuperset(method) or not space:
        return ""
    before, space, protocol = target.rpartition(" ")
    version = protocol[5:]
    if before and protocol[:5] == "HTTP/" and version and VERSION_CHARACTERS.issuperset(version):
        target = before
    return "" if target.startswith(" ") else target.partition("?")[0]


def parse(line: str) -> Request:
    head = line.split(" ", 5)
    if len(head) != 6 or not all(head):
        raise Malformed
    address, ident, user, time, zone, _ = head
    if time[0] != "[" or zone[-1] != "]":
        raise Malformed
    day = parse_day(f"{time[1:]} {zone[:-1]}")
    request, position = quoted(line, sum(len(field) + 1 for field in head[:5]))
    middle, space, _ = line[position:].partition('"')
    if not space or len(middle) < 7 or middle[0] != " " or middle[4] != " " or middle[-1] != " ":
        raise Malformed
    number(middle[1:4], 3)
    size = middle[5:-1]
    if size != "-" and not 1 <= len(size) <= 15:
        raise Malformed
    count = 0 if size == "-" else number(size, len(size))
    referrer, position = quoted(line, position + len(middle))
    if line[position : position + 1] != " ":
        raise Malformed
    _, position = quoted(line, position + 1)
    if position != len(line):
        raise Malformed
    return Request(address, day, parse_path(request), count, referrer)


def p95(sizes: list[int]) -> int:
    rank = -(-95 * len(sizes) // 100)
    return sorted(sizes)[rank - 1]


def top(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0].encode()))[:10]


def expected(path: Path) -> dict[str, object]:
    requests = malformed = 0
    by_day: defaultdict[str, set[str]] = defaultdict(set)
    by_month: defaultdict[str, set[str]] = defaultdict(set)
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    referrers: Counter[str] = Counter()
    # Universal newlines: a line ends with \n, \r or \r\n.
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                request = parse(line.rstrip("\n"))
            except Malformed:
                malformed += 1
                continue
            requests += 1
            by_day[request.day.isoformat()].add(request.address)
            by_month[request.day.isoformat()[:7]].add(request.address)
            if request.path:
                sizes[request.path].append(request.bytes)
            if request.referrer not in ("", "-"):
                referrers[request.referrer] += 1
    paths = top({path: len(of_path) for path, of_path in sizes.items()})
    return {
        "requests": requests,
        "malformed": malformed,
        "unique_visitors_per_day": {day: len(by_day[day]) for day in sorted(by_day)},
        "mau": {month: len(by_month[month]) for month in sorted(by_month)},
        "top_paths": [[path, count, p95(sizes[path])] for path, count in paths],
        "top_referrers": [list(entry) for entry in top(referrers)],
    }


if __name__ == "__main__":
    print(json.dumps(expected(Path(sys.argv[1]))))
