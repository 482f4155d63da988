#!/usr/bin/env bash
# Checks that the store has DATANODES hosts, accepts files and answers about tables: `ready.sh DATANODES`. Prints what
# is missing.
set -euo pipefail
state=$(curl --silent --fail --max-time 5 'http://namenode:9870/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState') || {
  echo "the NameNode does not answer"
  exit 1
}
live=$(sed -n 's/.*"NumLiveDataNodes" : \([0-9]*\).*/\1/p' <<<"$state")
if ((${live:-0} < $1)); then
  echo "${live:-0} of $1 DataNodes"
  exit 1
fi
if [[ $state != *'"FSState" : "Operational"'* ]]; then
  echo "the NameNode is in safe mode"
  exit 1
fi
(exec 3<>/dev/tcp/metastore/9083) 2>/dev/null || {
  echo "the metastore does not answer"
  exit 1
}
