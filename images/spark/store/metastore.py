"""Hive's metastore, of the version that Spark has: `metastore.py WAREHOUSE`, where new tables go.

Its database is embedded, and one process alone can open it: what Hive leaves to its transaction
manager and its tools, which Spark's jars do not hold, is done here, in the same Java.
"""

import os
import sys
import time
from threading import Thread

from py4j.java_gateway import JavaGateway, JavaObject, JVMView

DATABASE = "jdbc:derby:/var/lib/spark/metastore/db;create=true"
OPENED = ["java.lang", "java.net", "java.nio", "java.util"]
# Small, as in daemons.sh.
JAVA = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss256k"]
# Seconds between looks for locks whose holder has gone: hive.txn.timeout says how old those are.
PAUSE = 10


def main(warehouse: str) -> None:
    gateway = JavaGateway.launch_gateway(
        # The class path that classes are ready for; py4j is among Spark's jars.
        java_path="/opt/java/bin/java",
        jarpath=os.environ["SPARK_CONF_DIR"],
        classpath="/opt/spark/jars/*",
        javaopts=[
            *JAVA,
            *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED),
            f"-Dhive.metastore.warehouse.dir={warehouse}",
        ],
        redirect_stdout=sys.stdout,
        redirect_stderr=sys.stderr,
        die_on_exit=True,
        enable_auth=True,
    )
    hive = gateway.jvm.org.apache.hadoop.hive
    prepare(gateway.jvm, hive, warehouse)
    Thread(target=free_locks, args=[hive], daemon=True).start()
    arguments = gateway.new_array(gateway.jvm.java.lang.String, 2)
    arguments[0], arguments[1] = "-p", "9083"
    hive.metastore.HiveMetaStore.main(arguments)


def prepare(jvm: JVMView, hive: JavaObject, warehouse: str) -> None:
    connection = jvm.java.sql.DriverManager.getConnection(DATABASE)
    tables = set(column(connection, "SELECT TABLENAME FROM SYS.SYSTABLES"))
    # Iceberg's commits take locks, whose tables no other part of Hive makes.
    if "HIVE_LOCKS" not in tables:
        hive.metastore.txn.TxnDbUtil.prepDb(hive.conf.HiveConf())
    if "DBS" in tables:
        moved = connection.prepareStatement(
            "UPDATE APP.DBS SET DB_LOCATION_URI = ? WHERE NAME = 'default'"
        )
        moved.setString(1, warehouse)
        moved.executeUpdate()
    connection.close()


def column(connection: JavaObject, query: str) -> list[str]:
    found = connection.createStatement().executeQuery(query)
    values = []
    while found.next():
        values.append(found.getString(1))
    return values


def free_locks(hive: JavaObject) -> None:
    """A writer that was killed while it committed leaves its lock, and nobody else could write."""
    store = hive.metastore.txn.TxnUtils.getTxnStore(hive.conf.HiveConf())
    while True:
        store.performTimeOuts()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
