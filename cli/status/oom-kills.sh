#!/usr/bin/env bash
# Prints how many processes of the Spark worker on this host the kernel has killed for lack of memory since the worker
# started; nothing if no worker runs. The first file is cgroup v2's, the second v1's.
set -euo pipefail
worker=$(container_of spark_worker)
if [[ -z $worker ]]; then exit; fi
docker exec "$worker" sh -c \
  'cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null || true' |
  awk '$1 == "oom_kill" { print $2 }'
