#!/bin/sh
# Puts IMAGES, which this machine's Docker has, into the Docker of the local host whose container is HOST.
set -eu
for image in $IMAGES; do
  if docker exec "$HOST" docker image inspect "$image" >/dev/null 2>&1; then continue; fi
  docker save "$image" | docker exec --interactive "$HOST" docker load --quiet
  docker exec "$HOST" docker image inspect "$image" >/dev/null
done
