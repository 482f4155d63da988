#!/bin/sh
# Fails if the manager has notebooks that are nowhere else, unless SPARK_SWARM_DISCARD_NOTEBOOKS in the environment says
# that they may go. It is asked at HOST and PORT; HOST_KEY is its own, KEY opens it; STACK is Pulumi's.
set -eu
if [ -n "${SPARK_SWARM_DISCARD_NOTEBOOKS:-}" ]; then exit 0; fi
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
(umask 077 && printf '%s\n' "$KEY" >"$folder/key")
printf 'manager %s\n' "$HOST_KEY" >"$folder/known-hosts"
ask() {
  ssh -F none -n -p "$PORT" -i "$folder/key" -o UserKnownHostsFile="$folder/known-hosts" \
    -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=manager -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes \
    -o IdentityAgent=none -o BatchMode=yes -o ConnectTimeout=5 -o ServerAliveInterval=5 \
    "root@$HOST" '[ ! -x /usr/local/lib/spark-swarm/notebooks ] || /usr/local/lib/spark-swarm/notebooks unsaved'
}
# 255 is ssh's own.
for _ in 1 2 3; do
  status=0
  unsaved=$(ask) || status=$?
  if [ "$status" -ne 255 ]; then break; fi
done
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
