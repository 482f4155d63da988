#!/bin/sh
# Prepares the seed that local hosts share: a volume with a Docker data root in which IMAGES (separated by
# blanks) are unpacked already. SEED is the volume, HOST_IMAGE runs the engine that unpacks.
set -eu
if docker volume inspect "$SEED" >/dev/null 2>&1 &&
  docker run --rm --volume "$SEED:/seed:ro" --entrypoint test "$HOST_IMAGE" -f /seed/complete; then
  echo "$SEED is there already"
  exit 0
fi
docker volume create --label spark-swarm.cache=seed "$SEED" >/dev/null
echo "unpacking the images once for all local hosts (about half a minute)"
# Without a bridge or iptables: this engine only loads images.
# shellcheck disable=SC2016,SC2086 # the engine script is expanded inside; IMAGES are several words
docker save $IMAGES | docker run --rm --interactive --network none --volume "$SEED:/var/lib/docker" \
  --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
  --security-opt systempaths=unconfined --volume /sys/fs/cgroup:/sys/fs/cgroup --entrypoint bash "$HOST_IMAGE" -c '
    set -eu
    rm -rf /var/lib/docker/*
    mount -o remount,rw /sys/fs/cgroup
    dockerd --bridge none --iptables=false --storage-driver overlay2 >/var/log/docker.log 2>&1 &
    engine=$!
    for _ in $(seq 150); do
      if docker info >/dev/null 2>&1; then break; fi
      sleep 0.2
    done
    docker load || { tail -5 /var/log/docker.log >&2; exit 1; }
    kill $engine
    wait $engine || true
    touch /var/lib/docker/complete
  '
