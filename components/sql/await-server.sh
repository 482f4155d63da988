#!/bin/sh
# Waits until the SQL server answers. Fails after TIMEOUT seconds.
set -eu
deadline=$(($(date +%s) + TIMEOUT))
answers() {
  server=$(docker ps --quiet --filter label=com.docker.swarm.service.name=sql_server | head -n 1)
  [ -n "$server" ] && docker exec "$server" bash -c 'exec 3<>/dev/tcp/sql/10000' 2>/dev/null
}
until answers; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "The SQL server does not answer after $TIMEOUT s. Its tasks and last log lines:" >&2
    docker service ps --no-trunc --format '{{.Node}}: {{.CurrentState}} {{.Error}}' sql_server >&2
    timeout 5 docker service logs --raw --tail 20 sql_server >&2 2>&1 || true
    exit 1
  fi
  sleep 0.3
done
echo "The SQL server answers"
