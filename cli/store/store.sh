#!/usr/bin/env bash
# Accesses the cluster's stores from inside, in the container of Spark's master: `store.sh COMMAND …`, see
# images/spark/files.
set -euo pipefail
master=$(container_of spark_master)
if [[ ! $master ]]; then
  echo "Spark's master is not running. \`spark-swarm status\` shows the cluster's state." >&2
  exit 1
fi
exec docker exec --interactive "$master" python3 /usr/local/lib/spark-store "$@"
