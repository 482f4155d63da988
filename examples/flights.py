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


def origin_and_mean(origin: Row) -> list:
    return [origin["origin"], round(origin["mean_delay"], 4)]


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else DEFAULT_PATH
    spark = SparkSession.builder.appName("flights").getOrCreate()

    # The flights are read once; the few thousand routes, which fit one partition, answer all
    # questions. Sums of whole minutes are the same in whatever order they are added.
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
    busiest_routes = routes.orderBy(F.desc("flights"), "origin", "destination")
    origins = routes.groupBy("origin").agg(
        F.sum("flights").alias("flights"),
        (F.sum("delay") / F.sum("flights")).alias("mean_delay"),
        (100 * F.sum("late") / F.sum("flights")).alias("delayed_over_15_pct"),
    )
    large_origins = origins.where(F.col("flights") >= MIN_FLIGHTS)
    worst_origins = large_origins.orderBy(F.desc("mean_delay"), "origin")
    best_origins = large_origins.orderBy("mean_delay", "origin")

    print("Busiest routes")
    busiest_routes.select("origin", "destination", "flights").limit(10).show()
    rounded = [F.round(name, 2).alias(name) for name in ("mean_delay", "delayed_over_15_pct")]
    print(f"Origins of at least {MIN_FLIGHTS:,} flights with the highest mean delay (minutes)")
    worst_origins.select("origin", "flights", *rounded).limit(10).show()
    print("and with the lowest")
    best_origins.select("origin", "flights", *rounded).limit(10).show()

    total = routes.agg(*[F.sum(name).alias(name) for name in ("flights", "delay", "late")]).first()
    busiest = busiest_routes.first()
    answer = {
        "flights": total["flights"],
        "origins": origins.count(),
        "mean_delay_min": round(total["delay"] / total["flights"], 4),
        "delayed_over_15_pct": round(100 * total["late"] / total["flights"], 4),
        "busiest_route": [busiest["origin"], busiest["destination"], busiest["flights"]],
        "worst_origin": origin_and_mean(worst_origins.first()),
        "best_origin": origin_and_mean(best_origins.first()),
    }
    spark.stop()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
