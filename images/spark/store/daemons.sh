# shellcheck shell=bash
# The cluster's store: HDFS's NameNode and DataNodes, and Hive's metastore of the tables in it. spark-entrypoint sources
# this file and sets `address` to this container's address on the overlay.

# Small heaps, the serial garbage collector, no second compiler: each daemon must take less than 200 MB.
small_java() {
  exec env MALLOC_ARENA_MAX=1 java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss256k \
    -Dlog4j2.configurationFile=/usr/local/lib/spark-driver-log4j2.properties "$@"
}

# Spark's jars include HDFS's client and its dependencies; the daemons are in a separate jar. The HTTP interface needs
# libraries for XML that Java no longer has.
hdfs() {
  local jars=/opt/spark/jars
  local path
  path=$(printf '%s:' /opt/store /opt/hdfs/*.jar \
    "$jars"/{hadoop-client-,slf4j-api,log4j,jcl,commons-logging,jakarta.xml.bind,jaxb,activation}*.jar)
  small_java -cp "$path" "$@"
}

# Its files, in a volume, are the directory tree. A NameNode that was killed while it created them starts over.
namenode() {
  local java=(-Xmx128m -XX:ReservedCodeCacheSize=32m --add-opens=java.base/java.lang=ALL-UNNAMED)
  local class=org.apache.hadoop.hdfs.server.namenode.NameNode
  local folder=/var/lib/spark/namenode
  # No DataNode must hand over blocks: such a request ended with the former NameNode.
  : >"$folder/exclude"
  if ! compgen -G "$folder/name/current/fsimage_*.md5" >/dev/null; then
    # A fixed id lets DataNodes join a NameNode that starts over.
    (hdfs "${java[@]}" "$class" -format -force -nonInteractive -clusterId spark-swarm)
  fi
  # Streams' checkpoints, and files that come by HTTP, get the daemons' number of copies, not a driver's.
  hdfs "${java[@]}" "$class" -Ddfs.replication="${STORE_REPLICATION:?}"
}

# At the address of Spark's worker, so that Spark starts tasks on the hosts of their blocks.
datanode() {
  local folder=/var/lib/spark/datanode
  # HDFS must reserve the space that others already use, and the space that must stay free.
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
# The DataNode may fail alone, for example when its disk is full, while Spark's worker continues.
keep_datanode() {
  while true; do
    (datanode) || echo "the DataNode ended with status $?: starting it again" >&2
    sleep 2
  done
}

metastore() {
  cp /opt/store/hive-site.xml "$SPARK_CONF_DIR/"
  # It needs the warehouse when it starts.
  until (exec 3<>/dev/tcp/namenode/8020) 2>/dev/null; do sleep 0.2; done
  local warehouse
  warehouse=$(awk '$1 == "spark.sql.warehouse.dir" { value = $2 } END { print value }' "$SPARK_CONF_DIR/spark-defaults.conf")
  exec env MALLOC_ARENA_MAX=1 python3 /opt/store/metastore.py "$warehouse"
}
