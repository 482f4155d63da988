#!/bin/sh
# Waits until Spark's master counts WORKERS workers, on the hosts with the ids HOSTS; if STORE is not empty, also until
# the store has a DataNode on each and tables work. Fails after TIMEOUT seconds. A master that is recovering, and so
# checks the workers on its record, schedules nothing: no worker counts then.
set -eu
alive() {
  master=$(docker ps --quiet --filter label=com.docker.swarm.service.name=spark_master | head -n 1)
  [ -n "$master" ] || return 0
  answer=$(docker exec "$master" curl --silent --max-time 5 http://master:8080/json/) || true
  case $answer in *'"status" : "RECOVERING"'*) return 0 ;; esac
  echo "$answer" | grep -c '"state" : "ALIVE"' || true
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
[ -n "$STORE" ] || exit 0

namenode=$(docker ps --quiet --filter label=com.docker.swarm.service.name=spark_namenode | head -n 1)
# shellcheck disable=SC2016 # expanded inside the container
until said=$(docker exec "$namenode" bash /opt/store/ready.sh "$WORKERS" 2>&1); do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "The store is not ready after $TIMEOUT s: $said. The last log lines of its parts:" >&2
    for part in namenode metastore worker; do timeout 5 docker service logs --tail 5 "spark_$part" >&2 2>&1 || true; done
    exit 1
  fi
  sleep 0.3
done
echo "The store has its $WORKERS hosts"
# Copies the files that users had on the hosts before there was a store into the store, at the same paths.
docker exec "$namenode" python3 /usr/local/lib/spark-store adopt /data /var/lib/spark/namenode/adopted
