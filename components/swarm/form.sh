#!/bin/sh
# Makes the Swarm what it should be, from its manager: EXPECTED holds a line "NAME INSTANCE" for each host. Waits until
# each is a ready node (fails after TIMEOUT seconds) and activates it. Nodes whose host will be deleted hand over their
# work and are removed. NETWORK is the overlay on SUBNET. AWAITED records the hosts that it has waited for, with or
# without success: from then on a host that is not a node is lost. OWN is the folder in which the manager records that
# the user's actions ran on it, and the reports of hosts on which one failed: these hosts try again now.
set -eu

deadline=$(($(date +%s) + TIMEOUT))
late() { [ "$(date +%s)" -ge "$deadline" ]; }

# A line "ID STATE AVAILABILITY INSTANCE NAME" for each node.
nodes() {
  docker node ls --quiet | xargs docker node inspect --format \
    '{{.ID}} {{.Status.State}} {{.Spec.Availability}} {{with index .Description.Engine.Labels "instance"}}{{.}}{{else}}none{{end}} {{.Description.Hostname}}'
}

rm -rf "$OWN/failed"
stop_at_failures() {
  cat "$OWN/failed"/* 2>/dev/null || return 0
  echo "Correct that and run \`pulumi up\` again: a host on which an action failed runs that again."
  exit 1
} >&2

last=""
until docker node ls --quiet >/dev/null 2>&1; do
  stop_at_failures
  if late; then
    echo "The manager did not form a Swarm within $TIMEOUT s. The end of its user data's log:" >&2
    tail -n 15 /var/log/user-data.log >&2 || true
    exit 1
  fi
  sleep 0.2
done

# VXLAN takes 50 bytes of each packet.
address=$(docker info --format '{{.Swarm.NodeAddr}}')
interface=$(ip -o -4 addr show to "$address" | awk '{ print $2; exit }')
mtu=$(($(cat "/sys/class/net/$interface/mtu") - 50))
docker network inspect "$NETWORK" >/dev/null 2>&1 ||
  docker network create --driver overlay --attachable --subnet "$SUBNET" \
    --opt "com.docker.network.driver.mtu=$mtu" "$NETWORK" >/dev/null

missing() {
  # Workers run the user's actions before they join, the manager once it has the Swarm.
  ready=$(nodes | awk '$2 == "ready" { print $4 }')
  echo "$EXPECTED" | while read -r name instance; do
    if [ "$name" = manager ] && [ ! -e "$OWN/bootstrapped" ]; then echo "$name" && continue; fi
    echo "$ready" | grep -qxF "$instance" || echo "$name"
  done
}
keep_awaited() { mkdir -p "$(dirname "$AWAITED")" && echo "$EXPECTED" >"$AWAITED"; }
while waiting=$(missing) && [ -n "$waiting" ]; do
  stop_at_failures
  waiting=$(echo "$waiting" | paste -s -d ,)
  if late; then
    keep_awaited
    echo "These hosts did not join the Swarm within $TIMEOUT s: $waiting." >&2
    echo "See why in a host's /var/log/user-data.log, for example by: npx spark-swarm ssh ${waiting%%,*} -- tail /var/log/user-data.log" >&2
    docker node ls >&2
    exit 1
  fi
  if [ "$waiting" != "$last" ]; then echo "waiting for $waiting to join the Swarm"; fi
  last=$waiting
  sleep 0.3
done

keep_awaited

expects() { echo "$EXPECTED" | awk -v instance="$1" '$2 == instance { found = 1 } END { exit !found }'; }

# Hosts join paused: with work at once, they would ask a node that does not know them yet for the overlay's addresses,
# and wait half a minute for its answer. News of a node spreads in a second or two.
joined=$(nodes | while read -r id _ availability instance _; do
  if [ "$availability" = pause ] && expects "$instance"; then echo "$id"; fi
done)
if [ -n "$joined" ]; then
  if [ -n "$(docker service ls --quiet)" ]; then sleep 2; fi
  echo "$joined" | xargs -n 1 docker node update --availability active >/dev/null
fi

surplus=$(nodes | while read -r id state _ instance name; do
  expects "$instance" || echo "$id $state $name"
done)
[ -n "$surplus" ] || exit 0

# Services that keep data on hosts hand it over while they still run there. A service's label spark-swarm.hand-over is
# the command for that. It runs in the service's container here, with the addresses on NETWORK of what will be removed,
# and again without any afterwards.
keepers() { docker ps --filter label=spark-swarm.hand-over --format '{{.ID}} {{.Label "spark-swarm.hand-over"}}'; }
addresses=$(echo "$surplus" | while read -r id _; do
  docker node ps --quiet --filter desired-state=running "$id" |
    xargs --no-run-if-empty docker inspect --format \
      '{{range .NetworksAttachments}}{{if eq .Network.Spec.Name "'"$NETWORK"'"}}{{range .Addresses}}{{.}} {{end}}{{end}}{{end}}'
done | tr ' ' '\n' | sed -n 's#/.*##p')
keepers | while read -r container command; do
  # shellcheck disable=SC2086 # words of a command, and addresses
  docker exec "$container" $command $addresses </dev/null ||
    echo "$command ended with status $?: what it could not hand over goes with the hosts" >&2
done

# A Spark worker that gets a stop signal hands its blocks over first; its service's grace period is a minute.
echo "$surplus" | while read -r id state name; do
  if [ "$state" = ready ]; then
    echo "draining $name"
    docker node update --availability drain "$id" >/dev/null
  fi
done
drained=$(($(date +%s) + 75))
running() {
  echo "$surplus" | while read -r id state _; do
    if [ "$state" = ready ]; then
      docker node ps --filter desired-state=shutdown --format '{{.CurrentState}}' "$id" | grep '^Running' || true
      docker node ps --filter desired-state=running --format '{{.CurrentState}}' "$id"
    fi
  done
}
while [ -n "$(running)" ] && [ "$(date +%s)" -lt "$drained" ]; do sleep 0.5; done
echo "$surplus" | while read -r id _ name; do
  echo "removing node $name"
  docker node rm --force "$id" >/dev/null
done
keepers | while read -r container command; do
  # shellcheck disable=SC2086 # words of a command
  docker exec --detach "$container" $command
done
