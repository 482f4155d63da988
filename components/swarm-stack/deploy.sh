#!/bin/sh
# Deploys the Compose document on standard input as the stack STACK and waits until its services have
# converged; when they have not within TIMEOUT seconds, fails with their tasks' errors and last log lines.
set -eu
document=$(mktemp)
trap 'rm -f "$document"' EXIT
cat >"$document"
docker stack deploy --prune --resolve-image never --compose-file "$document" "$STACK"

# Services that are not as they should be: updating, or with fewer running tasks than desired. A global
# service desires a task on each node that fits, so nothing desired yet counts as not converged.
pending() {
  docker stack services --format '{{.Name}} {{.Replicas}}' "$STACK" | while read -r name replicas _; do
    state=$(docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{end}}' "$name")
    case $state in
      updating | rollback_started | paused | rollback_paused) echo "$name ($state)" ;;
      *)
        running=${replicas%/*} desired=${replicas#*/}
        if [ "$running" != "$desired" ] || [ "$desired" = 0 ]; then echo "$name ($running of $desired running)"; fi
        ;;
    esac
  done
}

deadline=$(($(date +%s) + TIMEOUT))
last=""
while waiting=$(pending) && [ -n "$waiting" ]; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "The stack $STACK did not come up within $TIMEOUT s:" >&2
    for name in $(echo "$waiting" | cut -d ' ' -f 1); do
      echo "--- $name: tasks" >&2
      docker service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "$name" | head -n 5 >&2
      echo "--- $name: last lines of its log" >&2
      timeout 5 docker service logs --raw --tail 10 "$name" >&2 2>&1 || true
    done
    exit 1
  fi
  if [ "$waiting" != "$last" ]; then echo "waiting for $(echo "$waiting" | paste -s -d ,)"; fi
  last=$waiting
  sleep 0.3
done
echo "$STACK is up"
