"""The last line that examples/flights.py must print, computed with pandas: `… PATH`."""

import json
import sys

import pandas as pd

flights = pd.read_parquet(sys.argv[1])
per_route = flights.value_counts(["origin", "destination"]).reset_index(name="flights")
busiest = per_route.sort_values(
    ["flights", "origin", "destination"], ascending=[False, True, True]
).iloc[0]
per_origin = flights.groupby("origin", as_index=False)["delay"].agg(["size", "mean"])
large = per_origin[per_origin["size"] >= 10_000]
worst = large.sort_values(["mean", "origin"], ascending=[False, True]).iloc[0]
best = large.sort_values(["mean", "origin"]).iloc[0]

print(
    json.dumps(
        {
            "flights": len(flights),
            "origins": len(per_origin),
            "mean_delay_min": round(float(flights["delay"].mean()), 4),
            "delayed_over_15_pct": round(100 * float((flights["delay"] > 15).mean()), 4),
            "busiest_route": [busiest["origin"], busiest["destination"], int(busiest["flights"])],
            "worst_origin": [worst["origin"], round(float(worst["mean"]), 4)],
            "best_origin": [best["origin"], round(float(best["mean"]), 4)],
        }
    )
)
