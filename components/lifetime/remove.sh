#!/bin/sh
# Stops the watcher: the cluster then never ends by itself. Deletes its files too: they may hold a secret, and a
# lifetime that is set later starts from then.
set -eu
folder=/var/lib/spark-swarm
if [ -d /run/systemd/system ]; then
  systemctl disable --now spark-swarm-lifetime
else
  kill "$(cat $folder/watcher)" 2>/dev/null || true
fi
rm -f /usr/local/lib/spark-swarm/lifetime
(cd "$folder" && rm -f since ttl ends active end lifetime.conf watcher archive-error)
