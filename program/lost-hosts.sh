#!/bin/sh
# Runs on the manager. Prints a line "NAME ID" for each worker that an update has waited for (swarm/form.sh records them
# in AWAITED) and that is no live node of the Swarm now. A machine that is still booting is not on record.
set -eu
[ -f "$AWAITED" ] || exit 0
# Just after an engine's restart its node's state is unknown for a moment, not down.
living=$(docker node ls --quiet | xargs docker node inspect --format \
  '{{if ne .Status.State "down"}}{{with index .Description.Engine.Labels "instance"}}{{.}}{{end}}{{end}}')
while read -r name id; do
  case $name in worker-*) echo "$living" | grep -qxF "$id" || echo "$name $id" ;; esac
done <"$AWAITED"
