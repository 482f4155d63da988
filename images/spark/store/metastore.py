"""Hive's metastore, in Spark's version: `metastore.py WAREHOUSE`, the folder of new tables.

Its database is embedded, and only one process can open it. So this also does, in the same Java,
the work of Hive's transaction manager and tools, which Spark's jars do not include.
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
# Seconds between checks for locks of dead holders. hive.txn.timeout sets how old those are.
PAUSE = 10


def main(warehouse: str) -> None:
    gateway = JavaGateway.launch_gateway(
        # The class path of the class archive. py4j is one of Spark's jars.
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
    # Iceberg's commits take locks. Nothing else in Hive creates the tables for those.
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
    """Frees locks of writers that were killed during a commit. They would block all writers."""
    store = hive.metastore.txn.TxnUtils.getTxnStore(hive.conf.HiveConf())
    while True:
        store.performTimeOuts()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
