#!/usr/bin/env bash
# Starts one part of Spark: master, worker, history; of its store: namenode, metastore; or any command as a driver
# (spark-submit, a shell).
#
# A container of a Swarm service sits on two networks, and Spark must use the overlay's address:
# the other one is not reachable from other hosts. OVERLAY_PREFIX is how that address begins.
set -euo pipefail

address=$(hostname -I | tr ' ' '\n' | grep "^${OVERLAY_PREFIX:?}" | head -n 1) || {
  echo "no address beginning with $OVERLAY_PREFIX: is this container on the cluster's overlay network?" >&2
  exit 1
}
export SPARK_LOCAL_IP=$address
# Master, workers and history server compute little, and so does the program that puts Spark's command lines
# together: without Java's second compiler they start in half the time.
export SPARK_LAUNCHER_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# A worker that was not heard of for 30 s, not 60, has died with its host; names are looked up again after 5 s.
export SPARK_DAEMON_JAVA_OPTS="$SPARK_LAUNCHER_OPTS -Dspark.worker.timeout=30 -Dsun.net.inetaddr.ttl=5"

# The defaults of every part. The shared secret is in a file of this container alone: on a command line
# every user of the host could read it. The last two: else a task that reads from a host that died would wait
# two minutes for it, four times over; and tasks of a stage that runs do not learn that blocks have moved off
# a host that went in good order.
mkdir -p "$SPARK_CONF_DIR"
umask 077
cat >"$SPARK_CONF_DIR/spark-defaults.conf" <<EOF
spark.master                              spark://master:7077
spark.driver.host                         $address
spark.driver.bindAddress                  $address
spark.authenticate                        true
spark.authenticate.secret                 $(cat /run/secrets/spark_secret)
spark.eventLog.enabled                    true
spark.eventLog.dir                        file:/var/lib/spark/events
spark.history.fs.logDirectory             file:/var/lib/spark/events
spark.history.fs.cleaner.enabled          true
spark.history.fs.cleaner.maxAge           30d
spark.decommission.enabled                true
spark.storage.decommission.enabled        true
spark.storage.decommission.rddBlocks.enabled      true
spark.storage.decommission.shuffleBlocks.enabled  true
spark.storage.decommission.replicationReattemptInterval  5s
spark.ui.showConsoleProgress              false
spark.jars.ivy                            /var/lib/spark/ivy
spark.shuffle.io.connectionTimeout        30s
spark.shuffle.io.connectionCreationTimeout  3s
spark.ui.prometheus.enabled               true
spark.metrics.conf.*.sink.prometheusServlet.class             org.apache.spark.metrics.sink.PrometheusServlet
spark.metrics.conf.*.sink.prometheusServlet.path              /metrics/prometheus
spark.metrics.conf.master.sink.prometheusServlet.path         /metrics/master/prometheus
spark.metrics.conf.applications.sink.prometheusServlet.path   /metrics/applications/prometheus
EOF
# Which S3 there is, and its keys. Each path is then committed as its store wants it, by one committer for all formats;
# Spark's own protocol stays, because that of its cloud module cannot overwrite single partitions: on S3 it refuses, and
# elsewhere it leaves the old rows beside the new ones (SPARK-56588).
if [[ -f /run/secrets/spark_s3 ]]; then
  cp /run/secrets/spark_s3 "$SPARK_CONF_DIR/core-site.xml"
  cat >>"$SPARK_CONF_DIR/spark-defaults.conf" <<'EOF'
spark.sql.sources.outputCommitterClass    org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter
spark.sql.parquet.output.committer.class  org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter
EOF
fi
# The credentials of the host's role come a moment after its first containers, if there are any.
if [[ -d /run/aws ]]; then
  # The names of the second and of the first generation of AWS's SDK; Hadoop's is the first.
  export AWS_SHARED_CREDENTIALS_FILE=/run/aws/credentials AWS_CREDENTIAL_PROFILES_FILE=/run/aws/credentials
  for _ in {1..150}; do
    if [[ -s $AWS_SHARED_CREDENTIALS_FILE ]]; then break; fi
    sleep 0.2
  done
fi
# What this cluster sets besides: of two values the last counts.
if [[ -f /run/secrets/spark_defaults ]]; then
  cat /run/secrets/spark_defaults >>"$SPARK_CONF_DIR/spark-defaults.conf"
fi
# And this container.
printf '%s\n' "${SPARK_PROPERTIES:-}" >>"$SPARK_CONF_DIR/spark-defaults.conf"
umask 022

# shellcheck source=images/spark/store/daemons.sh
source /opt/store/daemons.sh

spark_class() { exec "$SPARK_HOME/bin/spark-class" "$@"; }

# Known to workers by its name, since they come back to what it calls itself, and after a crash its address is
# another one. For a moment the name may still mean the former address.
master() {
  until [[ $(getent ahostsv4 master | cut -d ' ' -f 1 | sort -u) == "$address" ]]; do sleep 0.2; done
  # Its workers and applications, so that one that comes after a crash knows them, and running jobs go on. A folder
  # for each Spark: a master that cannot read a record, of another Spark or cut off by a crash, stays on standby for ever.
  local records
  records=/home/spark/master/$(basename "$SPARK_HOME"/jars/spark-core_*.jar .jar)
  mkdir -p "$records"
  python3 /usr/local/lib/spark-forget-gone.py "$records"
  export SPARK_MASTER_OPTS="-Dspark.deploy.recoveryMode=FILESYSTEM -Dspark.deploy.recoveryDirectory=$records"
  {
    sleep 30
    if curl -fsS --max-time 10 "http://$address:8080/json/" | grep -q '"status" : "STANDBY"'; then
      echo "a record in $records cannot be read: beginning without any" >&2
      rm -f "${records:?}"/*
      kill $$
    fi
  } &
  spark_class org.apache.spark.deploy.master.Master --host master --port 7077 --webui-port 8080
}

# What a worker may give to executors: what its host has (written there at boot), less a part for the
# system, Java's own overhead and Python processes: 1 GiB or 15%, whichever is more.
worker() {
  # shellcheck source=/dev/null
  source /etc/spark-swarm/host
  local reserve=$((HOST_MEMORY_MB * 15 / 100))
  if ((reserve < 1024)); then reserve=1024; fi
  local memory=$((HOST_MEMORY_MB - reserve))
  # A worker that asks too early asks again only ten seconds later: wait until the master listens.
  until (exec 3<>/dev/tcp/master/7077) 2>/dev/null; do sleep 0.2; done
  if [[ -n ${STORE_RESERVED_GB:-} ]]; then keep_datanode & fi
  # For drivers, which compare them with their own.
  python3 /usr/local/lib/spark-versions.py serve "$address" &
  export SPARK_LOCAL_DIRS=/var/lib/spark/local
  # Work directories of applications that ended are removed after an hour, looked for every 10 minutes.
  export SPARK_WORKER_OPTS="-Dspark.worker.cleanup.enabled=true -Dspark.worker.cleanup.interval=600 -Dspark.worker.cleanup.appDataTtl=3600"
  "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker \
    --host "$address" --port 7078 --webui-port 8081 --work-dir /var/lib/spark/work \
    --cores "$HOST_CPUS" --memory "${memory}m" spark://master:7077 &
  local pid=$!
  # Swarm's stop signal: the worker asks its executors to hand over their blocks, and we wait until they
  # have gone. Swarm's stop_grace_period is the limit.
  # shellcheck disable=SC2317,SC2329 # called by the trap
  decommission() {
    echo "decommissioning: waiting for executors to finish" >&2
    kill -PWR "$pid"
    while pgrep -f CoarseGrainedExecutorBackend >/dev/null; do sleep 0.5; done
    kill "$pid"
  }
  trap decommission TERM
  while kill -0 "$pid" 2>/dev/null; do wait "$pid" && status=0 || status=$?; done
  exit "$status"
}

case ${1:?a part of Spark or a command} in
  master) master ;;
  worker) worker ;;
  namenode) namenode ;;
  metastore) metastore ;;
  history) spark_class org.apache.spark.deploy.history.HistoryServer ;;
  *)
    python3 /usr/local/lib/spark-versions.py check
    cp /usr/local/lib/spark-driver-log4j2.properties "$SPARK_CONF_DIR/log4j2.properties"
    exec "$@"
    ;;
esac
