#!/usr/bin/env bash
# Does the work of firmware, cloud-init and an init system on a cloud machine: prepares the container so that a Docker
# engine runs inside, runs the user data, and keeps sshd and dockerd running.
set -euo pipefail

user_data=/var/lib/cloud/instance/user-data.txt
log() { echo "boot: $*"; }

# Without CAP_SYS_RESOURCE Docker refuses --privileged, so these are read-only.
for path in /sys /sys/fs/cgroup /proc/sys; do
  if mountpoint -q "$path"; then mount -o remount,rw "$path"; fi
done

# cloud-init's file with the cloud's id of the machine, here the container's id.
id=$(sed -n 's#.*/containers/\([0-9a-f]\{64\}\)/hostname.*#\1#p' /proc/self/mountinfo | head -n 1)
mkdir -p /var/lib/cloud/data
echo "$id" >/var/lib/cloud/data/instance-id

# Containers inside are part of this host: its memory and CPU limits apply to them too, and their cgroups are deleted
# with it. In cgroup v2 only a cgroup without processes may have children with limits.
if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
  parent=$(sed -n 's/^0:://p' /proc/self/cgroup)
  own=/sys/fs/cgroup$parent
  mkdir -p "$own/boot"
  while read -r pid; do echo "$pid" >"$own/boot/cgroup.procs" || true; done <"$own/cgroup.procs"
  sed 's/^/+/; s/ / +/g' "$own/cgroup.controllers" >"$own/cgroup.subtree_control"
else
  parent=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
fi

# A machine that replaces another one, for example because of new images, has the former's disk. Data of users, programs
# and Spark stay: named volumes, and the folders below. Everything else is deleted, above all the membership in a Swarm.
disk=/var/lib/docker
if [[ ! -f $disk/owner || $(cat $disk/owner) != "$id" ]]; then
  find $disk -mindepth 1 -maxdepth 1 ! -name volumes ! -name kept -exec rm -rf {} +
  mkdir -p $disk/volumes
  find $disk/volumes -mindepth 1 -maxdepth 1 -regextype egrep -regex '.*/[0-9a-f]{64}' -exec rm -rf {} +
  echo "$id" >$disk/owner
fi
for folder in /data /var/lib/spark/events /var/lib/spark/ivy; do
  mkdir -p "$disk/kept$folder" "$folder"
  mount --bind "$disk/kept$folder" "$folder"
done

# The seed: a prepared data root whose unpacked layers all hosts share. A layer's files are only read, so they are
# mounted from the seed. What the engine writes (its databases, a layer's small files) is copied.
if [[ ! -d /var/lib/docker/image ]]; then
  mkdir -p /var/lib/docker/overlay2
  cp -a /seed/image /var/lib/docker/
  tar -C /seed/overlay2 -c --exclude './*/diff/*' . | tar -C /var/lib/docker/overlay2 -x
fi

# An engine that shuts down cleanly unmounts everything below its data root.
start_engine() {
  local files layer
  for files in /seed/overlay2/*/diff; do
    layer=/var/lib/docker/${files#/seed/}
    mountpoint -q "$layer" || mount --bind "$files" "$layer"
  done
  rm -f /var/run/docker.pid /var/run/docker/containerd/containerd.pid
  dockerd --cgroup-parent "$parent/inner" >>/var/log/docker.log 2>&1 &
  engine=$!
}
stop() {
  kill "$engine" 2>/dev/null || true
  wait "$engine" || true
  exit 0
}
trap stop TERM INT

mkdir -p /run/sshd
bash "$user_data" >>/var/log/user-data.log 2>&1 &
# The user data writes the engine's settings first. An engine started after that needs no restart.
until [[ -f /etc/docker/daemon.json ]]; do sleep 0.05; done
start_engine
while sleep 1; do
  if ! kill -0 "$engine" 2>/dev/null; then
    log "dockerd has ended: starting it again"
    start_engine
  fi
  # The user data starts it, once the host key is in place.
  if [[ -f /etc/ssh/ssh_host_ed25519_key ]] && ! pidof -q sshd; then /usr/sbin/sshd; fi
done
