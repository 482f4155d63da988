"""Which routes are busy, and which airports late: `flights.py [PATH]`.

PATH is a Parquet file, by default /data/flights-3m.parquet: three million flights inside the USA
in the first half of 2001, from the npm package vega-datasets. Its columns: date, delay (minutes
after the scheduled time, negative when early), distance (miles), origin and destination (airport
codes).

The last line printed is JSON, its numbers rounded to four decimals:

- flights: number of flights
- origins: number of airports that flights leave from
- mean_delay_min: mean delay in minutes; early flights count with their negative delay
- delayed_over_15_pct: percentage of flights with a delay of more than 15 minutes
- busiest_route: [origin, destination, flights]; of equally busy ones the first by name
- worst_origin, best_origin: [origin, mean delay in minutes], the highest and lowest mean delay
  among origins of at least 10,000 flights; of equal ones the first by name
"""

import json
import sys

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

DEFAULT_PATH = "/data/flights-3m.parquet"
# Below this many flights, an airport's mean says little about the airport.
MIN_FLIGHTS = 10_000


def mean_delay(origin: Row) -> float:
    return origin.delay / origin.flights


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else DEFAULT_PATH
    spark = SparkSession.builder.appName("flights").getOrCreate()

    # The flights are read once; the few thousand routes, which fit one partition, answer all
    # questions. Sums of whole minutes do not depend on their order.
    routes = (
        spark.read.parquet(path)
        .groupBy("origin", "destination")
        .agg(
            F.count("*").alias("flights"),
            F.sum("delay").alias("delay"),
            F.count_if(F.col("delay") > 15).alias("late"),
        )
        .coalesce(1)
        .cache()
    )
    busiest = routes.orderBy(F.desc("flights"), "origin", "destination").limit(10).collect()
    sums = [F.sum(name).alias(name) for name in ("flights", "delay", "late")]
    origins = routes.groupBy("origin").agg(*sums).collect()
    spark.stop()

    # From here on there are only a few hundred rows, so plain Python.
    large = [origin for origin in origins if origin.flights >= MIN_FLIGHTS]
    worst = sorted(large, key=lambda origin: (-mean_delay(origin), origin.origin))
    best = sorted(large, key=lambda origin: (mean_delay(origin), origin.origin))
    print(f"{'Busiest routes':<20}{'flights':>10}")
    for route in busiest:
        print(f"{route.origin} to {route.destination:<13}{route.flights:>10}")
    for title, ranked in (("Highest mean delay", worst), ("Lowest mean delay", best)):
        print(f"\n{title:<20}{'flights':>10}{'minutes':>10}{'over 15':>10}")
        for origin in ranked[:10]:
            late = origin.late / origin.flights
            print(
                f"{origin.origin:<20}{origin.flights:>10}{mean_delay(origin):>10.2f}{late:>10.1%}"
            )
    print()

    flights = sum(origin.flights for origin in origins)
    answer = {
        "flights": flights,
        "origins": len(origins),
        "mean_delay_min": round(sum(origin.delay for origin in origins) / flights, 4),
        "delayed_over_15_pct": round(100 * sum(origin.late for origin in origins) / flights, 4),
        "busiest_route": [busiest[0].origin, busiest[0].destination, busiest[0].flights],
        "worst_origin": [worst[0].origin, round(mean_delay(worst[0]), 4)],
        "best_origin": [best[0].origin, round(mean_delay(best[0]), 4)],
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
