#!/bin/sh
# Fails if notebooks (NOTEBOOKS) or files (STORE) are only on the manager, unless the environment allows their loss.
# ON_HOST is the text of on-host.sh; STACK is the name of Pulumi's stack.
set -eu
eval "$ON_HOST"
ways=""

# ask KIND SETTING COMMAND HEADING WAY: COMMAND, run on the manager, prints what would be lost.
ask() {
  eval "may_go=\${$2:-}"
  if [ -n "$may_go" ]; then return 0; fi
  status=0
  unsaved=$(on_host "$3") || status=$?
  if [ "$status" -eq 255 ]; then
    echo "warning: the manager does not answer, so it is unknown whether it had $1 without another copy" >&2
    if [ -z "$ways" ]; then exit 0; fi
    return 0
  fi
  if [ "$status" -ne 0 ]; then
    echo "The manager cannot list the $1 that are only on the cluster (status $status)." >&2
  elif [ -n "$unsaved" ]; then
    printf '%s\n%s\nCopy them to this machine with: %s\n' "$4" "$(printf '%s\n' "$unsaved" | sed 's/^/  /')" "$5" >&2
  else
    return 0
  fi
  ways="$ways$2=1 "
}

if [ -n "$NOTEBOOKS" ]; then
  ask notebooks SPARK_SWARM_DISCARD_NOTEBOOKS \
    '[ ! -x /usr/local/lib/spark-swarm/notebooks ] || /usr/local/lib/spark-swarm/notebooks unsaved' \
    "These notebooks are on the cluster alone, or have changed there:" \
    "npx spark-swarm notebooks pull --stack $STACK"
fi
if [ -n "$STORE" ]; then
  # shellcheck disable=SC2016 # expanded on the manager
  ask files SPARK_SWARM_DISCARD_STORE \
    'docker exec "$(docker ps --quiet --filter label=com.docker.swarm.service.name=spark_master | head -n 1)" python3 /usr/local/lib/spark-store unsaved' \
    "These files are in the cluster's store alone:" \
    "npx spark-swarm get PATH --stack $STACK"
fi
if [ -n "$ways" ]; then
  printf 'Nothing was destroyed. To discard them, set %sfor pulumi, as in: %spulumi destroy --stack %s\n' "$ways" "$ways" "$STACK" >&2
  exit 1
fi
