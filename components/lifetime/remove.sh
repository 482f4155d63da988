#!/bin/sh
# Stops the watcher: the cluster goes on for ever. What it knew is forgotten: there may be a secret in it, and a lifetime
# that is set later begins then.
set -eu
folder=/var/lib/spark-swarm
if [ -d /run/systemd/system ]; then
  systemctl disable --now spark-swarm-lifetime
else
  kill "$(cat $folder/watcher)" 2>/dev/null || true
fi
rm -f /usr/local/lib/spark-swarm/lifetime
(cd "$folder" && rm -f since ttl ends active end lifetime.conf watcher archive-error)
