#!/usr/bin/env bash
# Runs a driver in a container on the cluster's overlay network, on this host, and stops it when the client disconnects:
# `driver.sh ID TITLE IMAGE NETWORK OVERLAY_PREFIX PROPERTIES INPUT COMMAND…`.
#
# PROPERTIES are Spark's, as in spark-defaults.conf. INPUT is the kind of standard input: `files:BYTES`, a tar file of
# that size, unpacked at /job, after which the end of the input stops the job; or `terminal`, the command's own input.
# Exits with the command's status.
set -euo pipefail
# File names are in UTF-8, whatever this host's language.
export LC_ALL=C.UTF-8

id=$1 title=$2 image=$3 network=$4 overlay_prefix=$5 properties=$6 input=$7
shift 7
container=driver-$id
job=/var/lib/spark-swarm/jobs/$id
# In memory, not on a disk.
secrets=/dev/shm/spark-swarm/$id

# Clean up even when the connection is lost.
trap '' HUP PIPE
trap 'exit 143' TERM
# shellcheck disable=SC2317,SC2329 # called by the trap
clean_up() {
  if [[ -n ${watcher:-} ]]; then kill "$watcher" 2>/dev/null || true; fi
  docker rm --force "$container" >/dev/null 2>&1 || true
  rm -rf "$job" "$secrets"
}
trap clean_up EXIT

# The files may contain the user's secrets, so only the container's user can read them.
mkdir -p "$job"
if [[ $input == files:* ]]; then
  head -c "${input#files:}" | tar -x --no-same-owner -C "$job"
fi
chown -R "$SPARK_USER:$SPARK_USER" "$job"
chmod -R u+rX,go= "$job"

master=$(container_of spark_master)
if [[ -z $master ]]; then
  echo "spark-swarm: the Spark master is not running. See \`spark-swarm status\`." >&2
  exit 69
fi
mkdir -p "$secrets"
chmod 700 "$secrets"
docker exec "$master" tar -C /run/secrets -c . | tar -C "$secrets" -x
chown -R "$SPARK_USER:$SPARK_USER" "$secrets"

# A Spark property, in ascending order of precedence: the cluster's, the job's own file, the command's.
setting() {
  {
    cat "$secrets/spark_defaults" 2>/dev/null || true
    printf '%s\n' "$properties"
    cat "$job/settings/spark-defaults.conf" 2>/dev/null || true
    printf '%s\n' "${command[@]}" | sed -n '/^--driver-memory$/ { n; s/^/spark.driver.memory=/; }; s/=/ /p'
  } | awk -v key="$1" '$1 == key { value = $2 } END { print value }'
}
# A Spark size in MiB, with a default unit; 0 for an invalid one, which Spark refuses.
mebibytes() {
  local number=${1%%[!0-9]*}
  case ${1#"$number"} in
    '' | [mM]*) echo "$((${number:-0}))" ;;
    [gG]*) echo $((${number:-0} * 1024)) ;;
    [tT]*) echo $((${number:-0} * 1024 * 1024)) ;;
    *) echo 0 ;;
  esac
}
# The driver's own memory limit, so that it is killed and no other program of this host. Beside Java's heap, Java's
# other needs and Python get 40% of it, as on Kubernetes, or 1 GiB. The host keeps 768 MiB for the system, Spark's
# master and history server, and with a store 256 MiB for its directory tree and tables.
command=("$@")
heap=$(mebibytes "$(setting spark.driver.memory)")
if ((heap == 0)); then heap=1024; fi
overhead=$(mebibytes "$(setting spark.driver.memoryOverhead)")
if ((overhead == 0)); then overhead=$((heap * 2 / 5 > 1024 ? heap * 2 / 5 : 1024)); fi
# shellcheck source=/dev/null
source /etc/spark-swarm/host
room=$((HOST_MEMORY_MB - 768))
if [[ $(container_of spark_namenode) ]]; then room=$((room - 256)); fi
if ((heap > room)); then
  echo "spark-swarm: the driver asks for spark.driver.memory=${heap}m, but the manager has only ${room} MiB for drivers. Ask for less, or give the manager more (manager.memory, or a larger size)." >&2
  exit 64
fi
limit=$((heap + overhead < room ? heap + overhead : room))

# Runs until this script ends: it may have to stop the making of the job's environment, or a container not yet started.
# It has no output of its own, because sshd would wait for an open one.
exec 3<&0
stop_when_asked() {
  if [[ $input == files:* ]]; then
    while read -r -u 3 _; do :; done
  else
    while [[ -d /proc/$PPID ]]; do sleep 1; done
  fi
  while [[ -d /proc/$$ ]]; do
    docker stop --time 20 "$container" || true
    sleep 0.5
  done
}
stop_when_asked >/dev/null 2>&1 &
watcher=$!

if [[ -d $job/environment ]]; then bash "$job/tool/environment.sh" "$job" "$image" "$container"; fi

options=()
# The credentials of the host's role, on AWS: components/spark/role.ts.
if docker volume inspect spark_role >/dev/null 2>&1; then
  options+=(--mount "type=volume,src=spark_role,dst=/run/aws,readonly")
fi
if [[ $input == terminal ]]; then options+=(--interactive --tty --env "TERM=${TERM:-xterm}"); fi
# Monitoring finds drivers by this alias, see images/monitoring/prometheus.yml.
docker create --name "$container" --network "$network" --network-alias driver \
  --memory "${limit}m" --memory-swap "${limit}m" --oom-score-adj 500 \
  --label "spark-swarm.driver=$id" --label "spark-swarm.title=$title" \
  --env "OVERLAY_PREFIX=$overlay_prefix" --env "SPARK_PROPERTIES=$properties" \
  --mount "type=bind,src=$secrets,dst=/run/secrets,readonly" \
  --mount type=bind,src=/var/lib/spark/events,dst=/var/lib/spark/events \
  --mount type=bind,src=/var/lib/spark/ivy,dst=/var/lib/spark/ivy \
  --mount type=bind,src=/data,dst=/data,readonly \
  --mount "type=bind,src=$job,dst=/job,readonly" \
  "${options[@]}" "$image" "$@" >/dev/null

# How many processes the kernel has killed for lack of memory.
oom_kills() { awk '$1 == "oom_kill" { print $2 }' /proc/vmstat; }
kills=$(oom_kills)
status=0
if [[ $input == files:* ]]; then
  docker start --attach "$container" </dev/null || status=$?
else
  # Docker's default detach keys begin with Ctrl-P, which in a shell recalls the previous line.
  docker start --attach --interactive --detach-keys ctrl-@,ctrl-^,ctrl-_ "$container" || status=$?
fi
# Docker does not detect it on every host. If the host's kernel killed processes for memory, a killed driver was one of
# them.
if ((status == 137)) && { ((kills < $(oom_kills))) ||
  [[ $(docker inspect --format '{{.State.OOMKilled}}' "$container" 2>/dev/null) == true ]]; }; then
  echo "spark-swarm: memory ran out in the driver's container. Its limit is ${limit} MiB: spark.driver.memory=${heap}m for Java's heap, the rest for Python and Java's overhead." >&2
  if ((heap + overhead < room)); then
    echo "spark-swarm: give the rest more with --conf spark.driver.memoryOverhead=$((overhead * 2))m. The manager has ${room} MiB for drivers." >&2
  else
    echo "spark-swarm: the manager has no more memory for drivers. Give it more (manager.memory, or a larger size)." >&2
  fi
fi
exit "$status"
