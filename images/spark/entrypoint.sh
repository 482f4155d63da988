#!/usr/bin/env bash
# Starts a part of Spark (master, worker, history), a part of its store (namenode, metastore), or any command as a
# driver (spark-submit, a shell).
#
# A container of a Swarm service is on two networks, and Spark must use the overlay's address: the other one is not
# reachable from other hosts. OVERLAY_PREFIX is the overlay address's prefix.
set -euo pipefail

address=$(hostname -I | tr ' ' '\n' | grep "^${OVERLAY_PREFIX:?}" | head -n 1) || {
  echo "no address beginning with $OVERLAY_PREFIX: is this container on the cluster's overlay network?" >&2
  exit 1
}
export SPARK_LOCAL_IP=$address
# Master, workers and history server compute little, and so does the program that puts Spark's command lines
# together: without Java's second compiler they start in half the time.
export SPARK_LAUNCHER_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# A worker without a heartbeat for 30 s, not 60, counts as lost with its host; names are looked up again after 5 s.
export SPARK_DAEMON_JAVA_OPTS="$SPARK_LAUNCHER_OPTS -Dspark.worker.timeout=30 -Dsun.net.inetaddr.ttl=5"

# The defaults of every part. The shared secret is only in a file of this container: on a command line every user of the
# host could read it. The last two: without them a task that reads from a dead host would wait two minutes for it, four
# times; and tasks of a running stage would not learn that blocks have moved off a decommissioned host.
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
# The S3 service and its keys. One committer for all formats then commits each path as its store needs it. Spark's own
# protocol stays, because that of its cloud module cannot overwrite single partitions: on S3 it refuses, and elsewhere
# it leaves the old rows next to the new ones (SPARK-56588).
if [[ -f /run/secrets/spark_s3 ]]; then
  cp /run/secrets/spark_s3 "$SPARK_CONF_DIR/core-site.xml"
  cat >>"$SPARK_CONF_DIR/spark-defaults.conf" <<'EOF'
spark.sql.sources.outputCommitterClass    org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter
spark.sql.parquet.output.committer.class  org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter
EOF
fi
# The credentials of the host's role, if there are any, arrive shortly after the host's first containers start.
if [[ -d /run/aws ]]; then
  # The variables of the second and of the first generation of AWS's SDK. Hadoop uses the first.
  export AWS_SHARED_CREDENTIALS_FILE=/run/aws/credentials AWS_CREDENTIAL_PROFILES_FILE=/run/aws/credentials
  for _ in {1..150}; do
    if [[ -s $AWS_SHARED_CREDENTIALS_FILE ]]; then break; fi
    sleep 0.2
  done
fi
# Further settings of this cluster. Of two values the last counts.
if [[ -f /run/secrets/spark_defaults ]]; then
  cat /run/secrets/spark_defaults >>"$SPARK_CONF_DIR/spark-defaults.conf"
fi
# Settings of this container.
printf '%s\n' "${SPARK_PROPERTIES:-}" >>"$SPARK_CONF_DIR/spark-defaults.conf"
umask 022

# shellcheck source=images/spark/store/daemons.sh
source /opt/store/daemons.sh

spark_class() { exec "$SPARK_HOME/bin/spark-class" "$@"; }

# Workers know the master by name: they reconnect to the address that it announces, and after a crash its IP address
# differs. The name may still resolve to the former address for a moment.
master() {
  until [[ $(getent ahostsv4 master | cut -d ' ' -f 1 | sort -u) == "$address" ]]; do sleep 0.2; done
  # A record of its workers and applications, so that running jobs continue when it restarts after a crash. One folder
  # per Spark version: a master that cannot read a record, of another version or truncated by a crash, stays on standby
  # for ever.
  local records
  records=/home/spark/master/$(basename "$SPARK_HOME"/jars/spark-core_*.jar .jar)
  mkdir -p "$records"
  python3 /usr/local/lib/spark-forget-gone.py "$records"
  export SPARK_MASTER_OPTS="-Dspark.deploy.recoveryMode=FILESYSTEM -Dspark.deploy.recoveryDirectory=$records"
  {
    sleep 30
    if curl -fsS --max-time 10 "http://$address:8080/json/" | grep -q '"status" : "STANDBY"'; then
      echo "a record in $records cannot be read: starting without it" >&2
      rm -f "${records:?}"/*
      kill $$
    fi
  } &
  spark_class org.apache.spark.deploy.master.Master --host master --port 7077 --webui-port 8080
}

# A worker offers executors its host's memory (from a file written at boot), less a part for the system, Java's own
# overhead and Python processes: 1 GiB or 15%, whichever is more.
worker() {
  # shellcheck source=/dev/null
  source /etc/spark-swarm/host
  local reserve=$((HOST_MEMORY_MB * 15 / 100))
  if ((reserve < 1024)); then reserve=1024; fi
  local memory=$((HOST_MEMORY_MB - reserve))
  # Waits until the master listens: a worker that is refused retries only after ten seconds.
  until (exec 3<>/dev/tcp/master/7077) 2>/dev/null; do sleep 0.2; done
  if [[ -n ${STORE_RESERVED_GB:-} ]]; then keep_datanode & fi
  # For drivers, which compare the versions with their own.
  python3 /usr/local/lib/spark-versions.py serve "$address" &
  export SPARK_LOCAL_DIRS=/var/lib/spark/local
  # Work directories of ended applications are removed after an hour, checked every 10 minutes.
  export SPARK_WORKER_OPTS="-Dspark.worker.cleanup.enabled=true -Dspark.worker.cleanup.interval=600 -Dspark.worker.cleanup.appDataTtl=3600"
  "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker \
    --host "$address" --port 7078 --webui-port 8081 --work-dir /var/lib/spark/work \
    --cores "$HOST_CPUS" --memory "${memory}m" spark://master:7077 &
  local pid=$!
  # On Swarm's stop signal the worker asks its executors to hand over their blocks, and this waits until they have
  # ended. Swarm's stop_grace_period is the limit.
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
