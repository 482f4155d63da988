"""A small page rank whose lineage is cut every other round: `ranks.py FOLDER`.

The last line is the sum of the ranks, which is their number, and their number.
"""

import sys

from pyspark.sql import SparkSession

PAGES = 50

sc = SparkSession.builder.appName("ranks").getOrCreate().sparkContext
sc.setCheckpointDir(sys.argv[1])
pages = [(page, [(page * 7 + 1) % PAGES, (page * 3 + 2) % PAGES]) for page in range(PAGES)]
links = sc.parallelize(pages, 2).cache()
ranks = links.mapValues(lambda _: 1.0)
for number in range(4):
    shares = links.join(ranks, 2).flatMap(
        lambda page: [(target, page[1][1] / 2) for target in page[1][0]]
    )
    ranks = shares.reduceByKey(lambda a, b: a + b, 2).mapValues(lambda sum: 0.15 + 0.85 * sum)
    if number % 2 == 1:
        ranks.cache().checkpoint()
        ranks.count()
print(round(ranks.values().sum(), 3), ranks.count())
