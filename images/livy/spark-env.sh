# shellcheck shell=bash
# Read at the start of each driver. Requests may override it.
SPARK_SUBMIT_OPTS="-Dspark.cores.max=$(sh /usr/local/bin/spark-share)"
export SPARK_SUBMIT_OPTS
