r"""Visitors and traffic of a web site: `access_log.py PATH`.

PATH is a log, or a folder or glob of logs (also compressed), in Apache's combined log format:

    address ident user [day/month/year:hour:minute:second zone] "request" status bytes
    "referrer" "agent"

all on one line with a single space between the fields. A line ends with \n, \r or \r\n. Every line
that is not as follows, from its first to its last character, is malformed (an empty line too); it
is counted and otherwise left out:

- address, ident, user: one or more characters other than a space
- day/month/year: two digits, Jan to Dec, four digits from 1000; a day that exists
- hour:minute:second: 00 to 23, 00 to 59, 00 to 60 (a leap second)
- zone: + or - and four digits
- request, referrer, agent: any text, also none, in which a backslash escapes the character after
  it: a double quote ends the text unless it is escaped
- status: three digits
- bytes: one to fifteen digits (what a double, and so the p95, holds exactly), or - (no body),
  which counts as 0

The day and month of a request are those written in its line, whatever the zone. A visitor is an
address. The path of a request is taken from METHOD TARGET or METHOD TARGET HTTP/VERSION (METHOD:
capitals and hyphens; TARGET: does not start with a space, but may contain some; VERSION: digits
and dots), and is the TARGET up to its first question mark. Requests of another form, and those
whose path is empty, count as requests, but have no path. Paths and referrers are compared as they
were logged, escapes included.

The last line printed is JSON:

- requests, malformed: number of lines that are well-formed, and that are not
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

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

# The repetition is possessive (*+): Java's other kinds overflow the stack on very long texts.
QUOTED = r'"((?:[^"\\]++|\\.)*+)"'
LINE = (
    r"(?s)^([^ ]+) [^ ]+ [^ ]+ "
    r"\[([0-9]{2})/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/([1-9][0-9]{3})"
    r":(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60) [+-][0-9]{4}\] "
    rf"{QUOTED} [0-9]{{3}} ([0-9]{{1,15}}|-) {QUOTED} {QUOTED}\z"
)
TARGET = r"(?s)^[A-Z-]+ ([^ ].*?)(?: HTTP/[0-9.]+)?\z"


def parse(lines: DataFrame) -> DataFrame:
    """One row for every line; its day is null exactly when the line is malformed."""
    # A line feed cannot be part of a line: it separates the fields, which takes one match a line.
    # A line that does not match stays one field.
    fields = F.split(F.regexp_replace("value", LINE, "$1\n$2\n$3\n$4\n$5\n$6\n$7"), "\n")
    names = ["address", "day_of_month", "month", "year", "request", "bytes", "referrer"]
    return (
        lines.select(fields.alias("fields"))
        .select(*[F.get("fields", i).alias(name) for i, name in enumerate(names)])
        .select(
            "address",
            day().alias("day"),
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

    lines = parse(spark.read.text(sys.argv[1])).cache()
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
    answer = {
        "requests": requests.count(),
        "malformed": malformed,
        "unique_visitors_per_day": {str(row["day"]): row["visitors"] for row in by_day},
        "mau": {row["month"]: row["visitors"] for row in by_month},
        "top_paths": [list(row) for row in top_paths],
        "top_referrers": [list(row) for row in top_referrers],
    }
    spark.stop()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
