#!/bin/sh
# Deploys the Compose document COMPOSE as the stack STACK on the Swarm SWARM and waits until its services run as
# desired, or have completed successfully. Fails with the tasks' errors and last log lines when that takes more than
# TIMEOUT seconds, or as soon as waiting is useless: a service's tasks are rejected repeatedly, have failed and are not
# restarted, or fit no host. A stack that is new is then removed: Pulumi keeps no record of what it failed to create.
# Optional: FILES, the files next to the document (a line each: the name, and the content in base64); REGISTRIES, the
# client's configuration with registries' credentials; RESOLVE, whether tags are looked up in their registries (always
# or never); SETTLE, how long services must have run as desired, in quarters of a second.
set -eu
# In memory if the machine allows it: the files may include secrets.
folder=$(mktemp -d -p /dev/shm 2>/dev/null) || folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
document=$folder/compose.yml
printf '%s\n' "$COMPOSE" >"$document"
printf '%s\n' "${FILES:-}" | while read -r name content; do
  if [ -n "$name" ]; then printf '%s' "$content" | base64 -d >"$folder/$name"; fi
done
set -- --prune --resolve-image "${RESOLVE:-never}"
if [ -n "${REGISTRIES:-}" ]; then
  mkdir "$folder/client"
  printf '%s\n' "$REGISTRIES" >"$folder/client/config.json"
  export DOCKER_CONFIG="$folder/client"
  set -- "$@" --with-registry-auth
fi
began=$(date -u '+%F %T')
stacks=$(docker stack ls --format '{{.Name}}')
existed=$(echo "$stacks" | grep -xF "$STACK") || existed=""
docker stack deploy "$@" --compose-file "$document" "$STACK"

# Reads the stack's state in a constant number of calls: its services are starting on the same processors.
read_state() {
  services=$(docker stack services --format '{{.Name}} {{.Mode}} {{.Replicas}}' "$STACK") || services=""
  names=$(printf '%s\n' "$services" | cut -d ' ' -f 1)
  updates="" tasks=""
  if [ -z "$names" ]; then return; fi
  # Of each service: its name, ID, the state of its update and its start.
  # shellcheck disable=SC2086 # a word for each
  updates=$(docker service inspect \
    --format '{{.Spec.Name}} {{.ID}} {{with .UpdateStatus}}{{.State}} {{.StartedAt}}{{end}}' $names) || true
  # Of each task, newest first: its service's ID, slot, creation time, state, desired state and error. Tasks that are
  # deleted before they can be inspected do not count.
  # shellcheck disable=SC2086
  tasks=$(docker service ps --quiet $names | xargs -r docker inspect --format \
    '{{.ServiceID}}|{{if .Slot}}{{.Slot}}{{else}}{{.NodeID}}{{end}}|{{.CreatedAt}}|{{.Status.State}}|{{.DesiredState}}|{{.Status.Err}}' \
    2>/dev/null | sort -t '|' -k 3,3r) || true
}

# How many slots of a service have a task that completed and is not restarted.
completed() {
  printf '%s\n' "$tasks" | awk -F '|' -v id="$1" '
    $1 == id && !seen[$2]++ && $4 == "complete" && $5 != "running" { count++ } END { print count + 0 }'
}

# Services that are not as desired: updating, rolled back, or with too few running tasks. A global service wants a task
# on each node that fits: zero desired tasks means that no node fits yet.
pending() {
  if [ -z "$services" ]; then echo "$STACK (its services cannot be listed)"; fi
  printf '%s\n' "$services" | while read -r name mode replicas _; do
    [ -n "$name" ] || continue
    # shellcheck disable=SC2046
    set -- $(printf '%s\n' "$updates" | grep "^$name " || echo "$name unknown unknown")
    id=$2 state=${3:-} since="${4:-} ${5:-}"
    running=${replicas%/*} desired=${replicas#*/}
    case $state in
      updating | rollback_started | paused | rollback_paused | unknown) echo "$name ($state)" && continue ;;
      rollback_completed)
        # A rollback of an earlier deployment does not count.
        if [ "$(expr "$since" ">=" "$began")" = 1 ]; then echo "$name (rolled back)" && continue; fi
        ;;
    esac
    if [ "$running" = "$desired" ] && [ "$mode $desired" != "global 0" ]; then continue; fi
    if [ "$running" -lt "$desired" ] && [ "$((running + $(completed "$id")))" -ge "$desired" ]; then continue; fi
    echo "$name ($running of $desired running)"
  done
}

# Why those services cannot start, in a word: two tasks of a service were rejected; a task failed and is not restarted;
# or no host fits.
hopeless() {
  ids=$(echo "$1" | cut -d ' ' -f 1 | while read -r name; do printf '%s\n' "$updates" | grep "^$name "; done |
    cut -d ' ' -f 2 | paste -s -d ' ') || true
  printf '%s\n' "$tasks" | awk -F '|' -v began="$began" -v ids=" $ids " '
    !index(ids, " " $1 " ") { next }
    { place = $1 "|" $2 }
    $4 == "rejected" && $3 >= began && ++rejected[$1] == 2 { twice = 1 }
    !seen[place]++ && $4 ~ /^(failed|rejected)$/ && $5 == "shutdown" { ended = 1 }
    seen[place] == 1 && $4 == "pending" &&
      $6 ~ /^no suitable node \((scheduling constraints not satisfied|unsupported platform) on [0-9]+ nodes?\)$/ {
      nowhere = 1
    }
    END { if (twice) print "rejected"; else if (ended) print "ended"; else if (nowhere) print "nowhere" }'
}

# True when a task that was created since the deployment began has ended and been replaced.
restarted() {
  printf '%s\n' "$tasks" | awk -F '|' -v began="$began" '
    seen[$1 "|" $2]++ && $3 >= began && $4 ~ /^(failed|complete)$/ { found = 1 } END { exit !found }'
}

fail() {
  echo "$1" >&2
  for name in $(echo "$2" | cut -d ' ' -f 1); do
    echo "--- $name: tasks" >&2
    docker service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "$name" | head -n 5 >&2
    echo "--- $name: last lines of its log" >&2
    timeout 5 docker service logs --raw --tail 10 "$name" >&2 2>&1 || true
  done
  if [ -z "$existed" ]; then docker stack rm "$STACK" >/dev/null; fi
  exit 1
}

# The services' constraints, and the hosts' properties.
fit_none() {
  for name in $(echo "$1" | cut -d ' ' -f 1); do
    docker service inspect --format "$name asks for {{json .Spec.TaskTemplate.Placement.Constraints}}" "$name"
  done
  docker node ls --quiet | xargs -r docker node inspect --format \
    '{{.Description.Hostname}}: node.role {{.Spec.Role}}, node.platform.arch {{.Description.Platform.Architecture}}, node.labels {{json .Spec.Labels}}, engine.labels {{json .Description.Engine.Labels}}'
}

# A service whose task dies at once looks as desired for a moment, so several checks in a row must pass, and all of 15 s
# when a task has ended already.
deadline=$(($(date +%s) + TIMEOUT)) last="" steady=0 settled=${SETTLE:-4} why="" lost=0
until [ "$steady" -ge "$settled" ]; do
  read_state
  waiting=$(pending)
  if [ -z "$waiting" ]; then
    steady=$((steady + 1))
    if [ "$steady" -eq "$settled" ] && [ "$settled" -lt 60 ] && restarted; then settled=60; fi
  else
    steady=0
    before=$why why=$(hopeless "$waiting")
    if [ -n "$why" ] && [ "$why" = "$before" ]; then lost=$((lost + 1)); else lost=0; fi
    case $why in
      rejected) fail "The stack $STACK cannot start: its tasks are rejected." "$waiting" ;;
      # This also shows for a moment between two tasks, and while a host is joining.
      ended)
        if [ "$lost" -ge 8 ]; then fail "The stack $STACK cannot start: a task failed, and is not started again." "$waiting"; fi
        ;;
      nowhere)
        if [ "$lost" -ge 20 ]; then
          fail "The stack $STACK cannot start: no host fits.
$(fit_none "$waiting")" "$waiting"
        fi
        ;;
    esac
    if [ "$(date +%s)" -ge "$deadline" ]; then
      fail "The stack $STACK did not come up within $TIMEOUT s." "$waiting"
    fi
    if [ "$waiting" != "$last" ]; then echo "waiting for $(echo "$waiting" | paste -s -d ,)"; fi
    last=$waiting
  fi
  sleep 0.25
done

# Configs and secrets of earlier deployments: their names end with a digest of their content. Docker does not remove one
# that a service still uses.
if [ -n "${FILES+given}" ]; then
  for kind in config secret; do
    docker "$kind" ls --filter "label=com.docker.stack.namespace=$STACK" --format '{{.Name}}' |
      grep -E '_[0-9a-f]{12}$' | while read -r name; do
      if ! printf '%s\n' "$FILES" | grep -q "^$name "; then docker "$kind" rm "$name" >/dev/null 2>&1 || true; fi
    done
  done
fi
echo "$STACK is up"
