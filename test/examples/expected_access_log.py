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
HEXADECIMAL = DIGITS | set("abcdefABCDEF")
IPV6 = HEXADECIMAL | {":", "."}
METHOD_CHARACTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
VERSION_CHARACTERS = DIGITS | {"."}


class Malformed(Exception):
    pass


class Request(NamedTuple):
    address: str
    day: date
    kind: str
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


def has_target(request: str) -> bool:
    """Whether it is METHOD TARGET, even if its target is only a query."""
    method, space, target = request.partition(" ")
    return bool(method and target) and METHOD_CHARACTERS.issuperset(method) and target[0] != " "


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


def kind_of(request: str) -> str:
    """The kind of a request without a path: empty, binary or other."""
    if request in ("", "-"):
        return "empty"
    if not all(" " <= character <= "~" for character in request):
        return "binary"
    escapes = request.split("\\x")[1:]
    binary = any(len(text) > 1 and HEXADECIMAL.issuperset(text[:2]) for text in escapes)
    return "binary" if binary else "other"


def is_address(text: str) -> bool:
    parts = text.split(".")
    if len(parts) == 4 and all(0 < len(part) < 4 and DIGITS.issuperset(part) for part in parts):
        return True
    first, colon, rest = text.partition(":")
    return bool(colon and rest) and HEXADECIMAL.issuperset(first) and IPV6.issuperset(rest)


def without_virtual_host(line: str) -> str:
    """The line after HOST:PORT, if it begins so and has one more field before its time."""
    words = line.split(" ", 4)
    if len(words) < 5 or words[4][:1] != "[":
        return line
    host, colon, port = words[0].rpartition(":")
    if not colon or not 1 <= len(port) <= 5 or not DIGITS.issuperset(port):
        raise Malformed
    bracketed = host[:1] == "[" and host[-1:] == "]"
    if not (host[1:-1] if bracketed else host):
        raise Malformed
    if any(sign in (host[1:-1] if bracketed else host) for sign in ("[]" if bracketed else ":[]")):
        raise Malformed
    return line[len(words[0]) + 1 :]


def parse(line: str) -> Request:
    line = without_virtual_host(line)
    head = line.split(" ", 5)
    if len(head) != 6 or not all(head):
        raise Malformed
    address, ident, user, time, zone, _ = head
    if time[0] != "[" or zone[-1] != "]":
        raise Malformed
    day = parse_day(f"{time[1:]} {zone[:-1]}")
    request, position = quoted(line, sum(len(field) + 1 for field in head[:5]))
    size, _, _ = line[position + 5 :].partition(' "')
    if line[position : position + 1] != " " or line[position + 4 : position + 5] != " ":
        raise Malformed
    number(line[position + 1 : position + 4], 3)
    if size != "-" and not 1 <= len(size) <= 15:
        raise Malformed
    count = 0 if size == "-" else number(size, len(size))
    position += 5 + len(size)
    texts = []
    while position != len(line):
        if line[position : position + 1] != " ":
            raise Malformed
        text, position = quoted(line, position + 1)
        texts.append(text)
    if len(texts) not in (0, 2, 3):
        raise Malformed
    forwarded = texts[2].partition(",")[0] if len(texts) == 3 else ""
    visitor = forwarded if is_address(forwarded) else address
    path = parse_path(request)
    kind = "path" if path or has_target(request) else kind_of(request)
    return Request(visitor, day, kind, path, count, texts[0] if texts else "")


def p95(sizes: list[int]) -> int:
    rank = -(-95 * len(sizes) // 100)
    return sorted(sizes)[rank - 1]


def top(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0].encode()))[:10]


def expected(path: Path) -> dict[str, object]:
    requests = malformed = 0
    kinds: Counter[str] = Counter()
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
            kinds[request.kind] += 1
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
        "empty_requests": kinds["empty"],
        "binary_requests": kinds["binary"],
        "unique_visitors_per_day": {day: len(by_day[day]) for day in sorted(by_day)},
        "mau": {month: len(by_month[month]) for month in sorted(by_month)},
        "top_paths": [[path, count, p95(sizes[path])] for path, count in paths],
        "top_referrers": [list(entry) for entry in top(referrers)],
    }


if __name__ == "__main__":
    print(json.dumps(expected(Path(sys.argv[1]))))
