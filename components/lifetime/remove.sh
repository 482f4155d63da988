#!/bin/sh
# Stops the watcher: the cluster goes on for ever.
set -eu
if [ -d /run/systemd/system ]; then
  systemctl disable --now spark-swarm-lifetime
else
  kill "$(cat /var/lib/spark-swarm/watcher)" 2>/dev/null || true
fi
rm -f /usr/local/lib/spark-swarm/lifetime
