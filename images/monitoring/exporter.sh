#!/usr/bin/env bash
# Serves a host's metrics on port 9100. /host has the files of its kernel, proc/ and cgroup/, and instance-id, its id on
# its cloud. If the host is a container, that id names a cgroup: its limits and usage are then added, since all other
# metrics are of the whole machine.
set -euo pipefail

figures=/tmp/figures
mkdir -p "$figures"

# Memory excludes cache that the kernel would reclaim first, as in `docker stats`.
usage() {
  local cpus cpu_seconds memory memory_used
  if [[ -f $group/memory.current ]]; then
    cpus=$(awk '{ print $1 / $2 }' "$group/cpu.max")
    cpu_seconds=$(awk '$1 == "usage_usec" { print $2 / 1e6 }' "$group/cpu.stat")
    memory=$(cat "$group/memory.max")
    memory_used=$(awk 'NR == 1 { used = $1 } $1 == "inactive_file" { used -= $2 } END { print used }' \
      "$group/memory.current" "$group/memory.stat")
  else
    local cpu=${group/memory/cpu} cpuacct=${group/memory/cpuacct}
    cpus=$(awk '{ value[NR] = $1 } END { print value[1] / value[2] }' "$cpu/cpu.cfs_quota_us" "$cpu/cpu.cfs_period_us")
    cpu_seconds=$(awk '{ print $1 / 1e9 }' "$cpuacct/cpuacct.usage")
    memory=$(cat "$group/memory.limit_in_bytes")
    memory_used=$(awk 'NR == 1 { used = $1 } $1 == "total_inactive_file" { used -= $2 } END { print used }' \
      "$group/memory.usage_in_bytes" "$group/memory.stat")
  fi
  cat <<END
host_limit_cpus $cpus
host_limit_cpu_used_seconds_total $cpu_seconds
host_limit_memory_bytes $memory
host_limit_memory_used_bytes $memory_used
END
}

# Docker has two ways to name a container's cgroup, and cgroup v1 has a tree for each kind of limit.
trees=/host/cgroup
if [[ ! -f $trees/cgroup.controllers ]]; then trees=/host/cgroup/memory; fi
id=$(cat /host/instance-id)
group=$(find "$trees" -maxdepth 3 -type d \( -name "$id" -o -name "docker-$id.scope" \) -print -quit)
if [[ $group ]]; then
  while usage >"$figures/new" && mv "$figures/new" "$figures/limits.prom"; do sleep 5; done &
fi

# Disks without partitions; the file systems with Spark's files and /data; networks except those of containers.
options=(
  --path.procfs=/host/proc --log.level=warn --web.disable-exporter-metrics
  --collector.disable-defaults --collector.cpu --collector.meminfo --collector.uname
  --collector.diskstats
  --collector.diskstats.device-exclude='^(ram|loop|fd|dm-|md|sr)|^(h|s|v|xv)d[a-z]\d+$|^nvme\d+n\d+p\d+$'
  --collector.filesystem
  --collector.filesystem.fs-types-exclude='^(proc|sysfs|tmpfs|mqueue|devpts|cgroup2?)$'
  --collector.filesystem.mount-points-exclude='^/($|etc/|host/|dev/)'
  --collector.netdev --no-collector.netdev.netlink
  --collector.netdev.device-exclude='^(lo|docker.*|veth.*|br-.*)$'
  --collector.textfile --collector.textfile.directory="$figures"
)
exec prometheus-node-exporter "${options[@]}"
