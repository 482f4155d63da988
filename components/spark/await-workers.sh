#!/bin/sh
# Waits until Spark's master counts WORKERS workers, on the hosts with the ids HOSTS; TIMEOUT seconds at the
# most.
set -eu
alive() {
  master=$(docker ps --quiet --filter label=com.docker.swarm.service.name=spark_master | head -n 1)
  [ -n "$master" ] || return 0
  docker exec "$master" curl --silent --max-time 5 http://master:8080/json/ | grep -c '"state" : "ALIVE"' || true
}
deadline=$(($(date +%s) + TIMEOUT))
last=""
while now=$(alive) && [ "${now:-0}" -lt "$WORKERS" ]; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "Spark has ${now:-0} of $WORKERS workers after $TIMEOUT s. The workers' tasks and last log lines:" >&2
    docker service ps --no-trunc --format '{{.Node}}: {{.CurrentState}} {{.Error}}' spark_worker >&2
    timeout 5 docker service logs --tail 5 spark_worker >&2 2>&1 || true
    exit 1
  fi
  if [ "$now" != "$last" ]; then echo "Spark has ${now:-0} of $WORKERS workers"; fi
  last=$now
  sleep 0.3
done
echo "Spark has its $WORKERS workers"
