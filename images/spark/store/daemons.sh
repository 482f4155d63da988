# shellcheck shell=bash
# The cluster's store: HDFS's NameNode and DataNodes, and Hive's metastore, which knows the tables in it. Sourced by
# spark-entrypoint, whose `address` is that of this container on the overlay.

# Small heaps, one garbage collector, no second compiler: each of them is to take less than 200 MB.
small_java() {
  exec env MALLOC_ARENA_MAX=1 java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss256k \
    -Dlog4j2.configurationFile=/usr/local/lib/spark-driver-log4j2.properties "$@"
}

# Spark's jars hold HDFS's client and what it needs; the daemons are in a jar of their own. Its HTTP interface needs the
# libraries for XML that Java no longer has.
hdfs() {
  local jars=/opt/spark/jars
  local path
  path=$(printf '%s:' /opt/store /opt/hdfs/*.jar \
    "$jars"/{hadoop-client-,slf4j-api,log4j,jcl,commons-logging,jakarta.xml.bind,jaxb,activation}*.jar)
  small_java -cp "$path" "$@"
}

# Its files are the directory tree, in a volume. One that was killed while it made them begins again.
namenode() {
  local java=(-Xmx128m -XX:ReservedCodeCacheSize=32m --add-opens=java.base/java.lang=ALL-UNNAMED)
  local class=org.apache.hadoop.hdfs.server.namenode.NameNode
  local folder=/var/lib/spark/namenode
  # Nobody is to hand blocks over: whoever asked for that has gone with the NameNode before.
  : >"$folder/exclude"
  if ! compgen -G "$folder/name/current/fsimage_*.md5" >/dev/null; then
    # With an id that is always the same, DataNodes join a NameNode that starts over.
    (hdfs "${java[@]}" "$class" -format -force -nonInteractive -clusterId spark-swarm)
  fi
  # Streams' checkpoints, and what comes by HTTP, get as many copies as the daemons say, not as a driver does.
  hdfs "${java[@]}" "$class" -Ddfs.replication="${STORE_REPLICATION:?}"
}

# At the address that Spark's worker has, so that Spark starts tasks where their blocks are.
datanode() {
  local folder=/var/lib/spark/datanode
  # What HDFS is to reserve is what others use already, and what is to stay free.
  local used stored
  used=$(df --output=used --block-size=1M "$folder" | tail -n 1)
  stored=$(du --summarize --block-size=1M "$folder" | cut -f 1)
  hdfs -Xmx64m -XX:ReservedCodeCacheSize=24m -XX:MaxDirectMemorySize=64m \
    org.apache.hadoop.hdfs.server.datanode.DataNode \
    -Ddfs.datanode.hostname="${address:?}" -Ddfs.datanode.address="$address:9866" \
    -Ddfs.replication="${STORE_REPLICATION:?}" \
    -Ddfs.datanode.http.address="$address:9864" -Ddfs.datanode.ipc.address="$address:9867" \
    -Ddfs.datanode.du.reserved="$((used - stored + STORE_RESERVED_GB * 1024))m"
}
# It ends with an error that Spark's worker does not share, when its disk is full for example.
keep_datanode() {
  while true; do
    (datanode) || echo "the DataNode ended with status $?: starting it again" >&2
    sleep 2
  done
}

metastore() {
  cp /opt/store/hive-site.xml "$SPARK_CONF_DIR/"
  # It asks for the warehouse at its start.
  until (exec 3<>/dev/tcp/namenode/8020) 2>/dev/null; do sleep 0.2; done
  local warehouse
  warehouse=$(awk '$1 == "spark.sql.warehouse.dir" { value = $2 } END { print value }' "$SPARK_CONF_DIR/spark-defaults.conf")
  exec env MALLOC_ARENA_MAX=1 python3 /opt/store/metastore.py "$warehouse"
}
