#!/bin/sh
# Makes sure that every host can have IMAGES. When the manager lacks one, hosts that were made like it lack it too:
# then it is built here by BUILD (build.sh), and served to them by a registry. IMAGES has a line for each image, after
# the one it is built on, and REGISTRY is such a line: its reference, its base, its build arguments in base64, the path
# of an archive or -, and NAME=BASE64 for each of its files, separated by blanks. EXTRA_CA is as in build.sh; TIMEOUT is
# how long the manager may take to form its Swarm, seconds.
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
references=$(printf '%s\n' "$IMAGES" | cut -d ' ' -f 1)
has_all() {
  for image in $references; do
    docker image inspect "$image" >/dev/null 2>&1 || return 1
  done
}
has_registry() { docker container inspect registry >/dev/null 2>&1; }
# Where there is a registry the images were built here, and may not have got as far as there.
if has_all && ! has_registry; then
  echo "the hosts have the images already"
  exit 0
fi

build() {
  # shellcheck disable=SC2086 # a line of several words
  set -- $1
  image=$1 base=$2 args=$(printf '%s' "$3" | base64 -d) archive=${4#-}
  shift 4
  folder=$(mktemp -d)
  for file in "$@"; do
    printf '%s' "${file#*=}" | base64 -d >"$folder/${file%%=*}"
  done
  # shellcheck disable=SC2097,SC2098 # for the script alone
  IMAGE=$image CONTEXT=$folder BASE=$base ARGS=$args ARCHIVE=$archive EXTRA_CA=$EXTRA_CA sh -c "$BUILD"
  rm -r "$folder"
}
build "$REGISTRY"
if ! has_registry; then
  # On the private address: for the other hosts, and nobody else.
  docker run --detach --name registry --restart always --publish "$address:5000:5000" \
    --volume registry:/var/lib/docker-registry "${REGISTRY%% *}" >/dev/null
fi
while read -r line; do build "$line" </dev/null; done <<END
$IMAGES
END
for image in $references; do
  echo "serving $image to the other hosts"
  docker push --quiet "$image"
done
