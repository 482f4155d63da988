#!/bin/sh
# Removes the stack STACK and waits until its containers are removed from the Swarm.
set -eu
docker stack rm "$STACK"
deadline=$(($(date +%s) + 120))
while [ -n "$(docker stack ps --quiet "$STACK" 2>/dev/null)" ]; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "The stack $STACK has tasks that do not end:" >&2
    docker stack ps "$STACK" >&2
    exit 1
  fi
  sleep 0.5
done
