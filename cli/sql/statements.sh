#!/usr/bin/env bash
# Runs statements where the SQL server is: `statements.sh FORMAT`, see images/spark/sql.py.
set -euo pipefail
server=$(container_of sql_server)
if [[ ! $server ]]; then
  echo "The SQL server is starting. \`spark-swarm status\` shows the cluster's state." >&2
  exit 1
fi
exec docker exec --interactive "$server" python3 /usr/local/lib/spark-sql.py "$@"
