"""Prints this application's share of the cluster."""

import json
import time
import urllib.request

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("executors").getOrCreate()
context = spark.sparkContext


def look() -> dict:
    with urllib.request.urlopen("http://master:8080/json/", timeout=10) as answer:
        state = json.load(answer)
    [own] = [app for app in state["activeapps"] if app["id"] == context.applicationId]
    tracker = context._jsc.sc().statusTracker()
    return {
        # The list includes the driver.
        "executors": len(list(tracker.getExecutorInfos())) - 1,
        "cores": own["cores"],
        "memory": own["memoryperexecutor"],
        "parallelism": context.defaultParallelism,
        "left": [
            [worker["cores"] - worker["coresused"], worker["memory"] - worker["memoryused"]]
            for worker in state["workers"]
        ],
    }


deadline = time.monotonic() + 60
while (found := look())["executors"] < 2 and time.monotonic() < deadline:
    time.sleep(0.5)
spark.range(100).count()
print(json.dumps(found))
