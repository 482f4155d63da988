#!/usr/bin/env bash
# Runs a job on Spark as plain processes of this machine: a master, workers and the driver, each in a control group with
# the limits of its host in the cluster, and nothing else in between.
#
# `plain-spark.sh run JOB ARGUMENT…` reads BENCH_FOLDER, BENCH_STACK, BENCH_PYTHON (a virtual environment with pyspark),
# SPARK_CONF_DIR, MASTER_PORT, MANAGER_CPUS, MANAGER_MEMORY, WORKER_CPUS, WORKER_MEMORY (MB), WORKERS (their number),
# WORKER_CORES and WORKER_SPARK_MEMORY (what each offers), DAEMON_OPTS and WORKER_OPTS (Java options), DRIVER_OPTS, and
# SUBMIT_OPTIONS (one a line).
# `plain-spark.sh remove` ends all of its processes.
set -euo pipefail

groups=spark-swarm-$BENCH_STACK
version=1
if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then version=2; fi

# The folders of a group, one for each hierarchy of cgroup v1.
group_folders() {
  if ((version == 2)); then echo "/sys/fs/cgroup/$groups$1"; else printf '%s\n' /sys/fs/cgroup/{cpu,memory}/"$groups$1"; fi
}

# The processes are one level below the limits, as in a host: Java reads limits from its own group, and must see the
# same here as there.
limit() {
  local name=$1 cpus=$2 memory=$3 folder quota
  quota=$(awk -v cpus="$cpus" 'BEGIN { print int(cpus * 100000) }')
  if ((version == 2)); then
    folder=/sys/fs/cgroup/$groups
    mkdir -p "$folder"
    echo "+cpu +memory" >/sys/fs/cgroup/cgroup.subtree_control
    echo "+cpu +memory" >"$folder/cgroup.subtree_control"
    mkdir -p "$folder/$name/inner"
    echo "$quota 100000" >"$folder/$name/cpu.max"
    echo "${memory}M" >"$folder/$name/memory.max"
  else
    for folder in $(group_folders "/$name/inner"); do mkdir -p "$folder"; done
    echo 100000 >"/sys/fs/cgroup/cpu/$groups/$name/cpu.cfs_period_us"
    echo "$quota" >"/sys/fs/cgroup/cpu/$groups/$name/cpu.cfs_quota_us"
    echo "${memory}M" >"/sys/fs/cgroup/memory/$groups/$name/memory.limit_in_bytes"
  fi
}

# Runs a command in a group.
within() {
  local folder
  for folder in $(group_folders "/$1/inner"); do echo "$BASHPID" >"$folder/cgroup.procs"; done
  shift
  exec "$@"
}

remove() {
  local folder pids
  for _ in $(seq 50); do
    pids=""
    for folder in $(group_folders ""); do
      if [[ -d $folder ]]; then pids+=" $(find "$folder" -name cgroup.procs -exec cat {} +)"; fi
    done
    if [[ -z ${pids//[[:space:]]/} ]]; then break; fi
    # shellcheck disable=SC2086 # several ids
    kill -KILL $pids 2>/dev/null || true
    sleep 0.1
  done
  for folder in $(group_folders ""); do
    if [[ -d $folder ]]; then find "$folder" -depth -type d -exec rmdir {} +; fi
  done
}

run() {
  local home master=spark://127.0.0.1:$MASTER_PORT deadline=$((SECONDS + 60)) index options
  home=$("$BENCH_PYTHON/bin/python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)')
  export SPARK_HOME=$home SPARK_CONF_DIR SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$BENCH_PYTHON/bin/python
  local data=$BENCH_FOLDER/plain-spark
  mkdir -p "$data"
  remove
  trap remove EXIT
  trap 'exit 130' INT TERM
  limit manager "$MANAGER_CPUS" "$MANAGER_MEMORY"

  export SPARK_DAEMON_JAVA_OPTS=$DAEMON_OPTS
  within manager "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master \
    --host 127.0.0.1 --port "$MASTER_PORT" --webui-port 0 >"$data/master.log" 2>&1 &
  until (exec 3<>"/dev/tcp/127.0.0.1/$MASTER_PORT") 2>/dev/null; do
    if ((SECONDS >= deadline)); then tail -n 20 "$data/master.log" >&2 && exit 1; fi
    sleep 0.2
  done
  for ((index = 0; index < WORKERS; index++)); do
    limit "worker-$index" "$WORKER_CPUS" "$WORKER_MEMORY"
    mkdir -p "$data/local-$index"
    SPARK_LOCAL_DIRS=$data/local-$index SPARK_WORKER_OPTS=$WORKER_OPTS within "worker-$index" \
      "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 \
      --work-dir "$data/work-$index" --cores "$WORKER_CORES" --memory "$WORKER_SPARK_MEMORY" "$master" \
      >"$data/worker-$index.log" 2>&1 &
  done
  until (($(grep -c 'Registering worker' "$data/master.log") >= WORKERS)); do
    if ((SECONDS >= deadline)); then tail -n 20 "$data"/worker-*.log >&2 && exit 1; fi
    sleep 0.2
  done
  mapfile -t options <<<"$SUBMIT_OPTIONS"
  export SPARK_SUBMIT_OPTS=$DRIVER_OPTS
  (within manager "$SPARK_HOME/bin/spark-submit" --master "$master" "${options[@]}" "$@")
}

case ${1:-} in
  run) shift && run "$@" ;;
  remove) remove ;;
  *) echo "usage: plain-spark.sh run JOB ARGUMENT… | remove" >&2 && exit 2 ;;
esac
