#!/usr/bin/env bash
# Prints the state of Swarm and Spark, a fact a line: its kind, a blank, JSON.
# Run on the manager.
# shellcheck disable=SC2016 # the $ in single quotes belong to Docker's templates
set -euo pipefail

node='node {"id":{{json .ID}},"hostname":{{json .Description.Hostname}},"labels":{{json .Description.Engine.Labels}},"role":{{json .Spec.Role}},"availability":{{json .Spec.Availability}},"state":{{json .Status.State}}}'
docker node ls --quiet | xargs -r docker node inspect --format "$node"

service='service {"name":{{json .Name}},"mode":{{json .Mode}},"replicas":{{json .Replicas}}}'
docker service ls --format "$service"

task='task {"name":{{json .Name}},"node":{{json .Node}},"desired":{{json .DesiredState}},"current":{{json .CurrentState}},"error":{{json .Error}}}'
docker service ls --quiet | xargs -r docker service ps --no-trunc --format "$task"

# The node of a Spark worker: the node of the task with its address.
address='address {"node":{{json .NodeID}},"addresses":[{{range $i, $n := .NetworksAttachments}}{{if $i}},{{end}}{{json (index $n.Addresses 0)}}{{end}}]}'
docker service ps --quiet --filter desired-state=running spark_worker 2>/dev/null |
  xargs -r docker inspect --format "$address" 2>/dev/null || true

driver='driver {"id":{{json (index .Config.Labels "spark-swarm.driver")}},"title":{{json (index .Config.Labels "spark-swarm.title")}},"addresses":[{{range $n, $v := .NetworkSettings.Networks}}{{json $v.IPAddress}},{{end}}null],"started":{{json .State.StartedAt}}}'
docker ps --quiet --filter label=spark-swarm.driver | xargs -r docker inspect --format "$driver"

master=$(container_of spark_master)
namenode=$(container_of spark_namenode)
if [[ -x /usr/local/lib/spark-swarm/lifetime ]]; then
  echo "lifetime $(/usr/local/lib/spark-swarm/lifetime show)"
  # The files that would be lost with it.
  if [[ $master && $namenode ]]; then
    timeout 20 docker exec "$master" python3 /usr/local/lib/spark-store unsaved json 2>/dev/null | sed 's/^/unsaved /' ||
      echo 'unlisted {}'
  fi
fi

if [[ $master ]] && spark=$(docker exec "$master" curl -fsS --max-time 10 http://master:8080/json/ 2>/dev/null); then
  echo "spark $(tr -d '\n' <<<"$spark")"
fi

# Not its bean FSNamesystem, which has everything but is up to ten seconds old.
jmx() { docker exec "$namenode" curl -fsS --max-time 10 "http://namenode:9870/jmx?$1" 2>/dev/null | tr -d '\n'; }
if [[ $namenode ]] &&
  store=$(jmx qry=Hadoop:service=NameNode,name=FSNamesystemState) &&
  missing=$(jmx get=Hadoop:service=NameNode,name=NameNodeInfo::NumberOfMissingBlocks); then
  echo "store $store"
  echo "missing $missing"
fi
