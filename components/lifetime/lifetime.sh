#!/usr/bin/env bash
# The cluster's lifetime, on its manager.
#   lifetime show             one line of JSON
#   lifetime extend SECONDS   moves its end, if it has one
#   lifetime archive          takes /data/keep to where it outlives the cluster
#   lifetime watch            ends the cluster in time
set -euo pipefail
folder=/var/lib/spark-swarm
ending=/run/spark-swarm-ending # join-service reports it to workers, see user-data.sh
# shellcheck source=/dev/null
source "$folder/lifetime.conf" # TTL, IDLE and ARCHIVE
log() { echo "$(date -u +%FT%TZ) $*"; }

ends() { cat "$folder/ends" 2>/dev/null || true; }
idle_for() { echo "$(($(date +%s) - $(cat "$folder/active")))"; }

show() {
  local end is_ending=false error=''
  end=$(ends)
  if [[ -e $ending ]]; then is_ending=true; fi
  if [[ -s $folder/archive-error ]]; then error=$(<"$folder/archive-error"); fi
  printf '{"now":%d,"ends":%s,"idleLimit":%s,"idleFor":%d,"ending":%s,"archive":"%s","archiveError":"%s"}\n' \
    "$(date +%s)" "${end:-null}" "${IDLE:-null}" "$(idle_for)" "$is_ending" "$ARCHIVE" "$error"
}

extend() {
  local now from
  now=$(date +%s)
  from=$(ends)
  if [[ -z $from ]]; then
    echo "there is no end to be moved: lifetime.ttl gives it one" >&2
    return 1
  fi
  if ((from < now)); then from=$now; fi
  echo "$((from + $1))" >"$folder/ends"
  date +%s >"$folder/active"
  show
}

container() { docker ps --quiet --filter "label=com.docker.swarm.service.name=$1" | head -n 1; }

# Applications that hold cores. A shell that has released its cores is idle until its user types.
applications() {
  local master
  master=$(container spark_master)
  [[ -n $master ]] || return 0
  timeout 10 docker exec "$master" python3 -c '
import json, urllib.request
state = json.load(urllib.request.urlopen("http://master:8080/json/", timeout=5))
print("\n".join(app["id"] for app in state["activeapps"] if app["cores"] > 0))' 2>/dev/null || true
}

# A line "ADDRESS:PORT BYTES" for each connection of a user: SSH here, except from other hosts, and the bastion's. BYTES
# counts both directions.
connections() {
  local hosts bastion
  hosts=$(docker node ls --quiet 2>/dev/null | xargs -r docker node inspect --format '{{.Status.Addr}}' | paste -s -d ' ')
  bastion=$(container bastion_sshd)
  {
    ss -tinHO state established '( sport = :22 )'
    if [[ -n $bastion ]]; then
      nsenter --net --target "$(docker inspect --format '{{.State.Pid}}' "$bastion")" \
        ss -tinHO state established '( sport = :2222 )'
    fi
  } | awk -v hosts="$hosts" '
    BEGIN { split(hosts, list, " "); for (i in list) host[list[i]] = 1 }
    {
      peer = $4; address = peer
      sub(/:[0-9]+$/, "", address); gsub(/[][]|::ffff:/, "", address)
      bytes = 0
      for (i = 5; i <= NF; i++) if ($i ~ /^bytes_(sent|received):/) { split($i, part, ":"); bytes += part[2] }
      if (!(address in host)) print peer, bytes
    }'
}

# Keeping a connection alive takes about a hundred bytes; typing, a page or a job takes more. A connection that is new
# since the last check does not count yet: short queries, such as the reaper's, are not use.
busy() {
  awk '
    FILENAME == ARGV[1] { before[$1] = $2; next }
    $1 in before && $2 - before[$1] > 600 { busy = 1 }
    END { exit !busy }' "$1" "$2"
}

# Files that an interrupted attempt already copied are not copied again.
archive() {
  if [[ -z $ARCHIVE ]]; then return 0; fi
  # A half-created cluster has nothing to keep.
  if ! docker service inspect spark_namenode >/dev/null 2>&1; then return 0; fi
  local said status=0
  said=$(docker exec "$(container spark_master)" python3 /usr/local/lib/spark-store archive /data/keep "$ARCHIVE" 2>&1) || status=$?
  echo "$said"
  if ((status == 0)); then
    rm -f "$folder/archive-error"
  else
    # One line that is valid inside a JSON string: without quotes and backslashes.
    tr -d '[:cntrl:]"\134' <<<"$said" >"$folder/archive-error"
  fi
  return "$status"
}

end_cluster() {
  log "ending the cluster: $1"
  # Files to keep matter more than the cost of an hour: `status` and `reap` report why the cluster continues.
  if ! archive; then
    log "/data/keep could not be taken to $ARCHIVE; trying again"
    sleep 60
    return 0
  fi
  touch "$ending"
  local deadline=$(($(date +%s) + 150))
  while (($(date +%s) < deadline)) && docker node ls --filter role=worker --format '{{.Status}}' | grep -q Ready; do sleep 2; done
  until bash "$folder/end"; do
    log "the machines could not be ended; trying again"
    sleep 30
  done
  # Ending the machines may take a while.
  sleep 300
}

watch() {
  local before after end
  before=$(mktemp)
  after=$(mktemp)
  connections >"$before" || true
  while sleep 5; do
    if [[ -n $IDLE ]]; then
      connections >"$after" || true
      if busy "$before" "$after" || [[ -n $(applications) ]]; then date +%s >"$folder/active"; fi
      cp "$after" "$before"
    fi
    [[ -s $folder/end && -n $(tr -d '[:space:]' <"$folder/end") ]] || continue
    end=$(ends)
    if [[ -n $end ]] && (($(date +%s) >= end)); then end_cluster "its time is over"; fi
    if [[ -n $IDLE ]] && (($(idle_for) >= IDLE)); then end_cluster "nobody has used it for $IDLE s"; fi
  done
}

case ${1:-} in
  show) show ;;
  extend) extend "$2" ;;
  archive) archive ;;
  watch) watch ;;
  *) echo "lifetime: show, extend SECONDS, archive or watch" >&2 && exit 64 ;;
esac
