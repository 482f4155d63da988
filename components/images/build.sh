#!/bin/sh
# Builds one image, unless the engine has it already: the tag identifies its content. Variables: IMAGE, CONTEXT and
# BASE; optionally EXTRA_CA, ARGS and SECRET_ARGS (build arguments, a line NAME=VALUE each) and ARCHIVE (a file that is
# added to CONTEXT as archive.zip).
set -eu
if docker image inspect "$IMAGE" >/dev/null 2>&1; then
  echo "$IMAGE is there already"
  exit 0
fi
if ! docker image inspect "$BASE" >/dev/null 2>&1 && ! docker pull --quiet "$BASE"; then
  echo "The base image $BASE is not here and cannot be pulled: run ./scripts/setup/base-image, which can make it without a registry." >&2
  exit 1
fi
set --
while read -r line; do
  if [ -n "$line" ]; then set -- "$@" --build-arg "$line"; fi
done <<END
${ARGS:-}
END
# Through the environment: command lines are in the process list.
while read -r line; do
  if [ -n "$line" ]; then
    export "${line?}"
    set -- "$@" --build-arg "${line%%=*}"
  fi
done <<END
${SECRET_ARGS:-}
END
if [ -n "${ARCHIVE:-}" ]; then
  context=$(mktemp -d)
  trap 'rm -r "$context"' EXIT
  cp -R "$CONTEXT/." "$context"
  cp "$ARCHIVE" "$context/archive.zip"
  CONTEXT=$context
fi
echo "building $IMAGE (the first time takes some minutes)"
# The host's network: on some machines Docker's bridge networks have no route out. The old builder: it needs no plugin
# of the Docker client.
DOCKER_BUILDKIT=0 docker build --network host --label spark-swarm.cache=image \
  --build-arg BASE="$BASE" --build-arg EXTRA_CA="${EXTRA_CA:-}" "$@" --tag "$IMAGE" "$CONTEXT" 2>&1
