#!/usr/bin/env bash
# Runs the user's actions on a host, one after another and each once in the host's life: `bootstrap ROLE NAME FOLDER`.
# FOLDER records what was done. The first failure stops the run; its report goes to standard output.
#
# The actions follow below: `action NUMBER NAME ON SCRIPT ARGUMENTS…`. ON is all, manager or workers; SCRIPT is in
# base64.
set -euo pipefail

role=$1 host=$2 folder=$3
logs=/var/log/spark-swarm

action() {
  local number=$1 name=$2 on=$3 script=$4 place log mark status=0
  shift 4
  if [[ $on != all && ${on%s} != "$role" ]]; then return; fi
  mark=$folder/done-$(printf '%s\0' "$name" "$script" "$@" | sha256sum | cut -c 1-16)
  if [[ -e $mark ]]; then return; fi
  place=$folder/action-$number
  log=$logs/bootstrap-$number-$name.log
  mkdir -p "$place" "$logs"
  base64 -d <<<"$script" >"$place/$name"
  chmod 700 "$place/$name"
  (cd "$place" && "./$name" "$@") </dev/null >>"$log" 2>&1 || status=$?
  if ((status == 0)); then
    touch "$mark"
    return
  fi
  echo "Bootstrap action $number ($name) failed on $host with status $status. The end of its log, $log:"
  tail -n 20 "$log" | cut -c 1-300
  exit 1
}

