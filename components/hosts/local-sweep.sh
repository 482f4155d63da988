#!/bin/sh
# The sweep (sweep.ts) of this machine's Docker engine, where resources carry the label spark-swarm.id=TAG.
set -eu
filter="label=spark-swarm.id=$TAG"

# An engine may be removing it already for a Pulumi that was killed.
remove() { # KIND ID
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    case $1 in
      container) error=$(docker rm --force --volumes "$2" 2>&1) && return ;;
      *) error=$(docker "$1" rm "$2" 2>&1) && return ;;
    esac
    docker "$1" inspect "$2" >/dev/null 2>&1 || return 0
    sleep 1
  done
  echo "$error" >&2
  return 1
}
sweep() { # KIND TYPE LIST: a line "ID NAME" for each
  printf '%s\n' "$3" | while read -r id name; do
    if [ -z "$id" ] || printf '%s\n' "$KNOWN" | grep -qxF "$2 $id"; then continue; fi
    echo "$1 $name"
    if [ -z "$DRY_RUN" ]; then remove "$1" "$id"; fi
  done
}

containers=$(docker ps --all --no-trunc --filter "$filter" --format '{{.ID}} {{.Names}}')
sweep container docker:index/container:Container "$containers"
volumes=$(docker volume ls --filter "$filter" --format '{{.Name}} {{.Name}}')
sweep volume docker:index/volume:Volume "$volumes"
networks=$(docker network ls --no-trunc --filter "$filter" --format '{{.ID}} {{.Name}}')
sweep network docker:index/network:Network "$networks"
