r"""Visitors and traffic of a web site: `access_log.py PATH`.

PATH is a log, or a folder or glob of logs (also compressed: access.log.2.gz), in one of the formats
that Apache, nginx and most other servers write:

    common         address ident user [time] "request" status bytes
    combined       … "referrer" "agent"
    forwarded      … "referrer" "agent" "forwarded addresses"     (nginx behind a proxy)
    virtual hosts  host:port address ident user …                 (before any of these)

all on one line with a single space between the fields. Lines of several formats may be in one log.
A line ends with \n, \r or \r\n. Every line that is not as follows, from its first to its last
character, is malformed (an empty line too); it is counted and otherwise left out:

- host: one or more characters other than a space, a colon and brackets, or an address in brackets;
  port: one to five digits
- address, ident, user: one or more characters other than a space
- time: day/month/year:hour:minute:second zone
- day/month/year: two digits, Jan to Dec, four digits from 1000; a day that exists
- hour:minute:second: 00 to 23, 00 to 59, 00 to 60 (a leap second)
- zone: + or - and four digits
- request, referrer, agent, forwarded addresses: any text, also none, in which a backslash escapes
  the character after it: a double quote ends the text unless it is escaped
- status: three digits
- bytes: one to fifteen digits (what a double, and so the p95, holds exactly), or - (no body),
  which counts as 0

The day and month of a request are those written in its line, whatever the zone. A visitor is an
address (IPv4, IPv6 or a name): the first of the forwarded ones where that field begins with an
address, before its end or a comma; otherwise the line's own. The path of a request is taken from
METHOD TARGET or METHOD TARGET HTTP/VERSION (METHOD: capitals and hyphens; TARGET: does not start
with a space, but may contain some; VERSION: digits and dots), and is the TARGET up to its first
question mark. Requests of another form, and those whose path is empty, count as requests, but have
no path. Of another form are empty requests (no text, or -: a connection on which nothing was
asked), and binary ones, which hold a byte that is no printable ASCII (as it is, or escaped: \x16):
TLS or another protocol at a port of HTTP. Paths and referrers are compared as they were logged,
escapes included.

The last line printed is JSON:

- requests, malformed: number of lines that are well-formed, and that are not
- empty_requests, binary_requests: how many of the requests are
- unique_visitors_per_day: number of visitors by day (YYYY-MM-DD)
- mau: number of visitors by month (YYYY-MM), the monthly active users
- top_paths: the ten paths with the most requests, [path, requests, p95 bytes]; the p95 of n
  requests is the ceil(0.95 n)-th smallest number of bytes (nearest rank)
- top_referrers: the ten referrers with the most requests, [referrer, requests], without the empty
  one and "-"

Where numbers of requests are equal, the first by the text's UTF-8 bytes comes first.
"""

import json
import sys
from itertools import accumulate

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

# Repetitions are possessive (++, *+): Java's other kinds overflow the stack on very long texts, or
# try to match them in ever more ways.
QUOTED = r'"((?:[^"\\]++|\\.)*+)"'
# The parts of a line, each with the space that ends it.
PARTS = {
    "address": r"(?s)^(?:(?:[^ :\[\]]++|\[[^ \[\]]++\]):[0-9]{1,5} )?([^ ]++) ",
    "ident": r"[^ ]++ ",
    "user": r"[^ ]++ ",
    "time": r"\[([0-9]{2})/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/([1-9][0-9]{3})"
    r":(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60) [+-][0-9]{4}\] ",
    "request": rf"{QUOTED} ",
    "status": r"[0-9]{3} ",
    "bytes": r"([0-9]{1,15}|-)",
    "referrer": rf"(?: {QUOTED} {QUOTED}(?: {QUOTED})?)?\z",
}
LINE = "".join(PARTS.values())
TARGET = r"(?s)^[A-Z-]++ ([^ ].*?)(?: HTTP/[0-9.]++)?\z"
BINARY = r"\\x[0-9A-Fa-f]{2}|[^ -~]"
FORWARDED = r"^([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]++)(?:,|\z)"


def parse(lines: DataFrame) -> DataFrame:
    """One row for each line; its day is null exactly when the line is malformed."""
    # A line feed cannot be part of a line: it separates the fields, which takes one match a line.
    # A line that does not match stays one field.
    names = ["address", "day_of_month", "month", "year", "request", "bytes", "referrer"]
    names += ["agent", "forwarded"]
    groups = "\n".join(f"${number + 1}" for number in range(len(names)))
    fields = F.split(F.regexp_replace("value", LINE, groups), "\n")
    forwarded = F.regexp_extract("forwarded", FORWARDED, 1)
    return (
        lines.select(fields.alias("fields"))
        .select(*[F.get("fields", i).alias(name) for i, name in enumerate(names)])
        .select(
            F.when(forwarded == "", F.col("address")).otherwise(forwarded).alias("address"),
            day().alias("day"),
            kind().alias("kind"),
            F.substring_index(F.regexp_extract("request", TARGET, 1), "?", 1).alias("path"),
            F.expr("coalesce(try_cast(bytes AS BIGINT), 0)").alias("bytes"),
            "referrer",
        )
    )


def day() -> Column:
    """The date of the columns year, month (Jan to Dec) and day_of_month; null for 31 Feb."""
    return F.expr("""
        try_cast(concat_ws('-', year,
            (instr('JanFebMarAprMayJunJulAugSepOctNovDec', month) + 2) div 3,
            day_of_month) AS DATE)""")


def kind() -> Column:
    """The kind of a request: http, empty, binary or other."""
    request = F.col("request")
    return (
        F.when(request.rlike(TARGET), "http")
        .when(request.isin("", "-"), "empty")
        .when(request.rlike(BINARY), "binary")
        .otherwise("other")
    )


def explain(lines: DataFrame) -> str:
    """Why no line is well-formed: the field at which the first one that is not empty fails."""
    first = lines.where("value != ''").first()
    if first is None:
        return "All lines are malformed: they are empty."
    begins = list(accumulate(PARTS.values()))
    (matches,) = lines.select(*[F.lit(first.value).rlike(begin) for begin in begins]).take(1)
    wrong = next((part for part, found in zip(PARTS, matches) if not found), "time")
    return (
        "All lines are malformed: none is in a format that the first comment of this job defines.\n"
        f"The first one is malformed from its {wrong} on:\n    {first.value[:300]}"
    )


def report(title: str, table: DataFrame) -> list[Row]:
    """Prints a small table (its first 100 rows), and returns its rows."""
    table = table.cache()
    print(title)
    table.show(100, truncate=80)
    return table.collect()


def most_requested(requests: DataFrame, column: str, *more: Column) -> DataFrame:
    """The ten values of the column with the most requests, and more aggregates of those."""
    return (
        requests.groupBy(column)
        .agg(F.count("*").alias("requests"), *more)
        .orderBy(F.desc("requests"), column)
        .limit(10)
    )


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: access_log.py PATH")
    spark = SparkSession.builder.appName("access log").getOrCreate()

    log = spark.read.text(sys.argv[1])
    lines = parse(log).cache()
    requests = lines.where("day IS NOT NULL")
    malformed = lines.where("day IS NULL").count()

    visitors = F.count_distinct("address").alias("visitors")
    p95 = F.expr("CAST(percentile_disc(0.95) WITHIN GROUP (ORDER BY bytes) AS BIGINT)")
    by_day = report("Unique visitors by day", requests.groupBy("day").agg(visitors).orderBy("day"))
    by_month = report(
        "Unique visitors by month",
        requests.groupBy(F.date_format("day", "yyyy-MM").alias("month"))
        .agg(visitors)
        .orderBy("month"),
    )
    top_paths = report(
        "Paths with the most requests",
        most_requested(requests.where("path != ''"), "path", p95.alias("p95_bytes")),
    )
    top_referrers = report(
        "Referrers with the most requests",
        most_requested(requests.where("referrer NOT IN ('', '-')"), "referrer"),
    )
    kinds = {row["kind"]: row["count"] for row in requests.groupBy("kind").count().collect()}
    answer = {
        "requests": sum(kinds.values()),
        "malformed": malformed,
        "empty_requests": kinds.get("empty", 0),
        "binary_requests": kinds.get("binary", 0),
        "unique_visitors_per_day": {str(row["day"]): row["visitors"] for row in by_day},
        "mau": {row["month"]: row["visitors"] for row in by_month},
        "top_paths": [list(row) for row in top_paths],
        "top_referrers": [list(row) for row in top_referrers],
    }
    if malformed and not kinds:
        print(explain(log), file=sys.stderr)
    spark.stop()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
