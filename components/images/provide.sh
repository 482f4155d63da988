#!/bin/sh
# Makes sure that every host can have the images SPARK and BASTION. When the manager lacks one, hosts that were
# made like it lack it too: then it is built here from BUILD (build.sh) and its *_FILES, and served to them by a
# registry. EXTRA_CA and BASE are as in build.sh; TIMEOUT is how long the manager may take to form its Swarm, seconds.
set -eu
deadline=$(($(date +%s) + TIMEOUT))
until address=$(docker info --format '{{.Swarm.NodeAddr}}' 2>/dev/null) && [ -n "$address" ]; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "The manager did not form a Swarm within $TIMEOUT s. The end of its user data's log:" >&2
    tail -n 15 /var/log/user-data.log >&2 || true
    exit 1
  fi
  sleep 0.2
done
has() { docker image inspect "$1" >/dev/null 2>&1; }
has_registry() { docker container inspect registry >/dev/null 2>&1; }
# Where there is a registry the images were built here, and may not have got as far as there.
if has "$SPARK" && has "$BASTION" && ! has_registry; then
  echo "the hosts have the images already"
  exit 0
fi

build() { # IMAGE FILES
  folder=$(mktemp -d)
  printf '%s\n' "$2" | while read -r name content; do
    printf '%s' "$content" | base64 -d >"$folder/$name"
  done
  # shellcheck disable=SC2097,SC2098 # for the script alone
  IMAGE=$1 CONTEXT=$folder BASE=$BASE EXTRA_CA=$EXTRA_CA sh -c "$BUILD"
  rm -r "$folder"
}
build "$REGISTRY" "$REGISTRY_FILES"
if ! has_registry; then
  # On the private address: for the other hosts, and nobody else.
  docker run --detach --name registry --restart always --publish "$address:5000:5000" \
    --volume registry:/var/lib/docker-registry "$REGISTRY" >/dev/null
fi
build "$BASTION" "$BASTION_FILES"
build "$SPARK" "$SPARK_FILES"
for image in "$BASTION" "$SPARK"; do
  echo "serving $image to the other hosts"
  docker push --quiet "$image"
done
