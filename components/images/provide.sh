#!/bin/sh
# Makes sure that every host can get IMAGES (references, each after its base image). When the manager lacks one, the
# other hosts lack it too: it is then built here, and a registry, whose image is REGISTRY, serves it to them. BUILDS is
# the archive of all builds and DIGEST its SHA-256; without BUILDS the hosts were created with the images. TIMEOUT is
# how long the manager may take to form its Swarm, in seconds.
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
has_all() {
  for image in $IMAGES; do
    docker image inspect "$image" >/dev/null 2>&1 || return 1
  done
}
has_registry() { docker container inspect registry >/dev/null 2>&1; }
# If there is a registry, the images were built here, and may not have been pushed to it yet.
if has_all && ! has_registry; then
  echo "the hosts have the images already"
  exit 0
fi
if [ -z "$BUILDS" ]; then
  echo "The manager lacks an image with which it was made. They are: $IMAGES" >&2
  exit 1
fi
if ! printf '%s  %s\n' "$DIGEST" "$BUILDS" | sha256sum --check --status; then
  echo "$BUILDS on the manager is not what was copied there. To copy it again: pulumi up --replace '**-images-builds'" >&2
  exit 1
fi

builds=$(mktemp -d)
trap 'cd / && rm -r "$builds"' EXIT
tar -x -f "$BUILDS" -C "$builds"
cd "$builds"
# Each image has a folder named after the last part of its reference.
build() { sh "./${1##*/}/build.sh" </dev/null; }
build "$REGISTRY"
if ! has_registry; then
  # On the private address: for the other hosts only.
  docker run --detach --name registry --restart always --publish "$address:5000:5000" \
    --volume registry:/var/lib/docker-registry "$REGISTRY" >/dev/null
fi
for image in $IMAGES; do build "$image"; done
for image in $IMAGES; do
  echo "serving $image to the other hosts"
  docker push --quiet "$image"
done
