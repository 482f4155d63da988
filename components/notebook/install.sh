#!/bin/sh
# Installs PROGRAM, which lists and transfers notebooks, on the manager MANAGER.
set -eu
mkdir -p /usr/local/lib/spark-swarm
printf '%s\n' "$PROGRAM" >/usr/local/lib/spark-swarm/notebooks
chmod 755 /usr/local/lib/spark-swarm/notebooks
