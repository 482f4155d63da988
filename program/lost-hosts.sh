#!/bin/sh
# Run on the manager. Prints a line "NAME ID" for each worker that the Swarm was waited for (see swarm/form.sh,
# which keeps them in AWAITED) and that is no living node of it now. A machine that still boots was not waited for.
set -eu
[ -f "$AWAITED" ] || exit 0
# A node whose engine was just restarted is not heard of for a moment: its state is unknown, not down.
living=$(docker node ls --quiet | xargs docker node inspect --format \
  '{{if ne .Status.State "down"}}{{with index .Description.Engine.Labels "instance"}}{{.}}{{end}}{{end}}')
while read -r name id; do
  case $name in worker-*) echo "$living" | grep -qxF "$id" || echo "$name $id" ;; esac
done <"$AWAITED"
