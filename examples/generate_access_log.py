r"""Makes up a web site's log: `generate_access_log.py LINES [--seed N] [--malformed PER_MILLE]`.

Writes LINES lines of Apache's combined log format to stdout: 40 days from 20 April 2026 on, twenty
thousand visitors, few of them frequent, and things that real logs hold: requests without a path,
requests with spaces, bytes given as -, escaped quotes and backslashes. Of a thousand lines,
PER_MILLE (by default 2) are malformed, as examples/access_log.py defines it. The same arguments
give the same lines. The last line on stderr is JSON: `lines` and how many of them are `malformed`.
"""

import argparse
import json
import random
import sys
from datetime import datetime, timedelta, timezone
from itertools import accumulate

START = datetime(2026, 4, 20, tzinfo=timezone.utc)
DAYS = 40
# Lines are generated and written in blocks: fast, and with memory that does not grow with their
# number.
BLOCK = 50_000

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.7.1",
    "-",
    "",
    r"Mozilla/5.0 (\"quoted\" agent; rv:1.0)",
    "agent that ends with a backslash \\\\",
    r"\"",
]
REFERRERS = [
    "-",
    "",
    "https://www.google.com/",
    "https://duckduckgo.com/?q=spark+swarm",
    "https://news.example.org/item?id=42",
    "https://example.com/",
    "https://example.com/blog/",
    r"https://search.example.net/?q=\"exact phrase\"",
    r"http://\xe4\xe5\xe3\xf2.example.ru/",
    "ftp://files.example.com/a\\\\b",
]
# Request, status, largest number of bytes (0: logged as -).
ODD_REQUESTS = [
    ("-", 408, 0),
    ("", 400, 226),
    (r"\x16\x03\x01\x02", 400, 226),
    ("OPTIONS * HTTP/1.0", 200, 0),
    ("GET /index.html", 200, 4_000),
    ("GET /annual report 2025.pdf HTTP/1.1", 200, 900_000),
    (r"GET /search?q=\"a b\" HTTP/1.1", 200, 9_000),
    (r"GET /say/\"hello\" HTTP/1.1", 404, 300),
    ("GET http://example.com/proxied HTTP/1.1", 403, 300),
    ("CONNECT example.com:443 HTTP/1.1", 405, 300),
    ("M-SEARCH * HTTP/1.1", 405, 300),
    ("GET ?only=query HTTP/1.1", 400, 226),
    ("get /lower/case HTTP/1.1", 400, 226),
    ("HEAD /blog/post-1 HTTP/2.0", 304, 0),
]
# Each makes a well-formed line malformed.
SPOILERS = [
    # Not later: a line that ends after its bytes is in the common format.
    lambda line, rng: line[: rng.randrange(line.index("]"))],
    lambda line, rng: "",
    lambda line, rng: line + " extra",
    lambda line, rng: line + " ",
    lambda line, rng: line[:-1] + '" and more"',
    lambda line, rng: line.replace(" - ", " ", 1),
    lambda line, rng: line.replace(" [", "  [", 1),
    lambda line, rng: line.replace("/2026:", "/26:", 1),
    lambda line, rng: line.replace(" [", " [3", 1),
    lambda line, rng: line.replace(" [", " [31/Apr/2026:10:00:00 +0000] [", 1),
    lambda line, rng: line.replace(" +0000]", "]", 1),
    lambda line, rng: "www.example.com " + line,
    lambda line, rng: "\x00\x7f not a log line at all \\",
]


def addresses(rng: random.Random, count: int) -> list[str]:
    def address() -> str:
        if rng.random() < 0.1:
            return f"2001:db8::{rng.randrange(1 << 16):x}:{rng.randrange(1 << 16):x}"
        return ".".join(str(rng.randrange(1, 255)) for _ in range(4))

    return [address() for _ in range(count)]


def requests(rng: random.Random, count: int) -> list[tuple[str, int, int]]:
    def request(number: int) -> tuple[str, int, int]:
        method = rng.choice(["GET"] * 8 + ["POST", "HEAD"])
        path = rng.choice(["/", "/blog/", f"/blog/post-{number}", f"/images/{number}.png"])
        query = rng.choice(["", "", f"?page={number % 7}", "?utm_source=feed&x=a%20b"])
        protocol = rng.choice(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"])
        status = rng.choice([200] * 7 + [301, 304, 404, 500])
        largest = 0 if status == 304 else rng.choice([500, 20_000, 3_000_000])
        return f"{method} {path}{query} {protocol}", status, largest

    return [request(number) for number in range(count)] + ODD_REQUESTS


def falling_weights(count: int) -> list[float]:
    """Cumulative weights for choices; the n-th weight is 1 / n."""
    return list(accumulate(1 / (n + 1) for n in range(count)))


def write_log(lines: int, seed: int, malformed_per_mille: float) -> int:
    """Writes the log to stdout, and returns how many of its lines are malformed."""
    rng = random.Random(seed)
    visitors = addresses(rng, 20_000)
    users = ["-"] * 50 + ["frank", "o'neill@example.com"]
    pages = requests(rng, 400)
    rng.shuffle(pages)
    visitor_weights = falling_weights(len(visitors))
    page_weights = falling_weights(len(pages))
    seconds_per_line = DAYS * 24 * 3600 / max(lines, 1)
    malformed = 0

    for first in range(0, lines, BLOCK):
        count = min(BLOCK, lines - first)
        columns = zip(
            rng.choices(visitors, cum_weights=visitor_weights, k=count),
            rng.choices(users, k=count),
            rng.choices(pages, cum_weights=page_weights, k=count),
            rng.choices(REFERRERS, k=count),
            rng.choices(AGENTS, k=count),
        )
        block = []
        for number, (address, user, page, referrer, agent) in enumerate(columns, first):
            request, status, largest = page
            size = int(rng.random() * largest) if largest else "-"
            time = START + timedelta(seconds=int(number * seconds_per_line))
            line = (
                f"{address} - {user} [{time:%d/%b/%Y:%H:%M:%S} +0000] "
                f'"{request}" {status} {size} "{referrer}" "{agent}"'
            )
            if rng.random() * 1000 < malformed_per_mille:
                line = rng.choice(SPOILERS)(line, rng)
                malformed += 1
            block.append(line + "\n")
        sys.stdout.write("".join(block))
    return malformed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lines", metavar="LINES", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--malformed", metavar="PER_MILLE", type=float, default=2)
    options = parser.parse_args()
    malformed = write_log(options.lines, options.seed, options.malformed)
    print(json.dumps({"lines": options.lines, "malformed": malformed}), file=sys.stderr)


if __name__ == "__main__":
    main()
