#!/bin/sh
# Prepares the seed that local hosts share: a volume with a Docker data root in which IMAGES (separated by blanks) are
# unpacked already. SEED is the volume; HOST_IMAGE runs the engine that unpacks.
set -eu
is_complete() {
  answer=0
  docker run --rm --network none --volume "$SEED:/seed:ro" --entrypoint test "$HOST_IMAGE" -f /seed/complete || answer=$?
  # A higher status is a failure of the engine, not an answer. Taken for a no, it would recreate a seed in use.
  if [ "$answer" -gt 1 ]; then exit "$answer"; fi
  return "$answer"
}

docker volume create --label spark-swarm.cache=seed "$SEED" >/dev/null
# Two stacks may get here at the same time: the container's name is the lock.
refusal=$(mktemp)
trap 'rm -f "$refusal"' EXIT
deadline=$(($(date +%s) + 300))
until is_complete; do
  # Without a bridge or iptables: this engine only loads images.
  # shellcheck disable=SC2016 # expanded inside the container
  if docker create --rm --interactive --name "$SEED" --network none --volume "$SEED:/var/lib/docker" \
    --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --security-opt systempaths=unconfined --volume /sys/fs/cgroup:/sys/fs/cgroup --entrypoint bash "$HOST_IMAGE" -c '
      set -eu
      find /var/lib/docker -mindepth 1 -delete
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
    ' >/dev/null 2>"$refusal"; then
    trap 'rm -f "$refusal"; docker rm --force "$SEED" >/dev/null 2>&1 || true' EXIT
    trap 'exit 130' INT TERM
    # The other stack may have finished between our check and our turn.
    if is_complete; then break; fi
    echo "unpacking the images once for all local hosts (about half a minute)"
    # Missing images would make an empty seed.
    # shellcheck disable=SC2086 # several words
    docker image inspect $IMAGES >/dev/null
    # shellcheck disable=SC2086
    docker save $IMAGES | docker start --attach --interactive "$SEED"
    is_complete
    break
  fi
  if ! grep -q 'already in use' "$refusal" || [ "$(date +%s)" -ge "$deadline" ]; then
    cat "$refusal" >&2
    echo "The container $SEED unpacks images. If nothing of yours runs it: docker rm --force $SEED" >&2
    exit 1
  fi
  echo "another stack is unpacking the images; waiting for it"
  sleep 2
done
echo "$SEED is there"
