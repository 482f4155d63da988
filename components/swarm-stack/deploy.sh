#!/bin/sh
# Deploys the Compose document COMPOSE as the stack STACK on the Swarm SWARM and waits until its services run
# as desired. Fails with their tasks' errors and last log lines when they do not within TIMEOUT seconds, or as
# soon as the tasks of one are rejected again and again: an image that is not there will not come by waiting. A
# stack that was not there before is then removed: Pulumi keeps no record of what it failed to create.
set -eu
document=$(mktemp)
trap 'rm -f "$document"' EXIT
printf '%s\n' "$COMPOSE" >"$document"
began=$(date -u '+%F %T')
stacks=$(docker stack ls --format '{{.Name}}')
existed=$(echo "$stacks" | grep -xF "$STACK") || existed=""
docker stack deploy --prune --resolve-image never --compose-file "$document" "$STACK"

# Services that are not as they should be: updating, rolled back, or with fewer running tasks than desired. A
# global service desires a task on each node that fits: none at all means that no node does yet.
pending() {
  services=$(docker stack services --format '{{.Name}} {{.Mode}} {{.Replicas}}' "$STACK") || services=""
  if [ -z "$services" ]; then echo "$STACK (its services cannot be listed)"; fi
  echo "$services" | while read -r name mode replicas _; do
    [ -n "$name" ] || continue
    state=$(docker service inspect --format '{{with .UpdateStatus}}{{.State}} {{.StartedAt}}{{end}}' "$name") ||
      state=unknown
    running=${replicas%/*} desired=${replicas#*/}
    case ${state%% *} in
      updating | rollback_started | paused | rollback_paused | unknown) echo "$name (${state%% *})" && continue ;;
      rollback_completed)
        # That of an earlier deployment is past.
        if [ "$(expr "${state#* }" ">=" "$began")" = 1 ]; then echo "$name (rolled back)" && continue; fi
        ;;
    esac
    if [ "$running" != "$desired" ] || [ "$mode $desired" = "global 0" ]; then
      echo "$name ($running of $desired running)"
    fi
  done
}

# True when a service has had two tasks rejected since the deployment began. Tasks that are gone by the time
# they are looked at do not count.
hopeless() {
  for name in $(echo "$1" | cut -d ' ' -f 1); do
    rejected=$(docker service ps --quiet "$name" |
      xargs -r docker inspect --format '{{.CreatedAt}} {{.Status.State}}' 2>/dev/null |
      awk -v began="$began" '$1 " " $2 >= began && $NF == "rejected"' | wc -l)
    if [ "$rejected" -ge 2 ]; then return 0; fi
  done
  return 1
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

# A service whose task dies at once looks as it should for a moment: it must do so four times in a row.
deadline=$(($(date +%s) + TIMEOUT)) last="" steady=0
while [ "$steady" -lt 4 ]; do
  waiting=$(pending)
  if [ -z "$waiting" ]; then
    steady=$((steady + 1))
  else
    steady=0
    if hopeless "$waiting"; then fail "The stack $STACK cannot start: its tasks are rejected." "$waiting"; fi
    if [ "$(date +%s)" -ge "$deadline" ]; then
      fail "The stack $STACK did not come up within $TIMEOUT s." "$waiting"
    fi
    if [ "$waiting" != "$last" ]; then echo "waiting for $(echo "$waiting" | paste -s -d ,)"; fi
    last=$waiting
  fi
  sleep 0.25
done
echo "$STACK is up"
