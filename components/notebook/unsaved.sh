#!/bin/sh
# Fails if the manager has notebooks that are nowhere else, unless SPARK_SWARM_DISCARD_NOTEBOOKS in the environment says
# that they may go. ON_HOST is how it is asked, STACK is Pulumi's.
set -eu
if [ -n "${SPARK_SWARM_DISCARD_NOTEBOOKS:-}" ]; then exit 0; fi
eval "$ON_HOST"
status=0
unsaved=$(on_host '[ ! -x /usr/local/lib/spark-swarm/notebooks ] || /usr/local/lib/spark-swarm/notebooks unsaved') || status=$?
if [ "$status" -eq 255 ]; then
  echo "warning: the manager does not answer, so nobody knows whether it had notebooks that are nowhere else" >&2
  exit 0
fi
if [ "$status" -ne 0 ]; then exit "$status"; fi
if [ -n "$unsaved" ]; then
  cat >&2 <<EOF
These notebooks are on the cluster alone, or have changed there:
$(printf '%s\n' "$unsaved" | sed 's/^/  /')
Nothing was destroyed. Bring them home by: npx spark-swarm notebooks pull --stack $STACK
or let them go: SPARK_SWARM_DISCARD_NOTEBOOKS=1 pulumi destroy --stack $STACK
EOF
  exit 1
fi
