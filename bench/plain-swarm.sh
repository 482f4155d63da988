#!/usr/bin/env bash
# The cluster of index.ts without Pulumi: the same hosts, the same scripts and Compose documents, as much in parallel as
# possible. The difference in time is the cost of Pulumi.
#
# `plain-swarm.sh create` creates it and returns once Spark has its workers. Reads NAME, HOST_IMAGE, SEED, MANAGER_CPUS,
# MANAGER_MEMORY, WORKER_CPUS, WORKER_MEMORY (MB), WORKERS (their number), NETWORK, SUBNET and DOCUMENTS (a folder with
# spark.yml and bastion.yml). `plain-swarm.sh remove` reads NAME only.
set -euo pipefail
components=$(cd "$(dirname "$0")/../components" && pwd)

remove() {
  # shellcheck disable=SC2153 # from the environment
  local filter="label=spark-swarm.stack=$NAME"
  docker ps --all --quiet --filter "$filter" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
  docker volume ls --quiet --filter "$filter" | xargs --no-run-if-empty docker volume rm >/dev/null
  docker network ls --quiet --filter "$filter" | xargs --no-run-if-empty docker network rm >/dev/null
}

# Runs the named functions in parallel; fails when one of them fails.
together() {
  local pids=() pid line
  for line in "$@"; do
    # shellcheck disable=SC2086 # a function and its arguments
    $line &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

key() { sh "$components/ssh-key.sh" >"$work/$1.key"; }
public() { head -n 1 "$work/$1.key"; }
private() { tail -n +2 "$work/$1.key"; }
network() { docker network create --driver bridge --label "spark-swarm.stack=$NAME" "$NAME-hosts" >/dev/null; }
disk() { docker volume create --label "spark-swarm.stack=$NAME" "$NAME-$1-disk" >/dev/null; }

assign() { printf '%s=%q\n' "$1" "$2"; }

user_data() {
  local host=$1 cpus=$2 memory=$3
  echo '#!/usr/bin/env bash'
  assign NAME "$host"
  assign HOST_KEY "$(private "$host")"
  assign AUTHORIZED_KEY "$(public client)"
  assign HOST_CPUS "${cpus%.*}"
  assign HOST_MEMORY_MB "$memory"
  if [[ $host == manager ]]; then
    assign ROLE manager
    assign JOIN_PUBLIC_KEY "$(public join)"
  else
    assign ROLE worker
    assign JOIN_KEY "$(private join)"
    assign MANAGER "$NAME-manager"
    assign MANAGER_HOST_KEY "$(public manager)"
  fi
  cat "$components/hosts/user-data.sh"
}

# The options are those of components/hosts/local.ts; bench.ts compares the resulting containers.
host() {
  local host=$1 cpus=$2 memory=$3 publish=()
  if [[ $host == manager ]]; then publish=(--publish 127.0.0.1::22 --publish 127.0.0.1::2222); fi
  docker create --name "$NAME-$host" --hostname "$host" --label "spark-swarm.stack=$NAME" \
    --network "$NAME-hosts" "${publish[@]}" --memory "${memory}m" --memory-swap "${memory}m" --cpus "$cpus" \
    --cap-add ALL --cap-drop SYS_RESOURCE --cgroupns host \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
    --volume "$NAME-$host-disk:/var/lib/docker" --volume "$SEED:/seed:ro" --volume /sys/fs/cgroup:/sys/fs/cgroup \
    "$HOST_IMAGE" >"$work/$host.id"
  mkdir -p "$work/$host/var/lib/cloud/instance"
  user_data "$host" "$cpus" "$memory" >"$work/$host/var/lib/cloud/instance/user-data.txt"
  tar -C "$work/$host" -c var | docker cp - "$NAME-$host:/"
  docker start "$NAME-$host" >/dev/null
}

# Runs a command on the manager, whose host key is pinned.
remote() {
  ssh -i "$work/client" -p "$port" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=2 \
    -o UserKnownHostsFile="$work/known-hosts" -o HostKeyAlias=manager -o LogLevel=ERROR root@127.0.0.1 "$1"
}

await_ssh() {
  local deadline=$((SECONDS + 60))
  until remote true </dev/null 2>/dev/null; do
    if ((SECONDS >= deadline)); then echo "the manager's SSH server does not answer" >&2 && return 1; fi
    sleep 0.1
  done
}

form() {
  local expected
  expected=$(for name in "${hosts[@]}"; do echo "$name $(cat "$work/$name.id")"; done)
  remote "EXPECTED='$expected' TIMEOUT=120 NETWORK=$NETWORK SUBNET=$SUBNET
$(cat "$components/swarm/form.sh")" </dev/null
}

secret() { remote "SECRET=$1; $(cat "$components/swarm/secret.sh")"; }
bastion_host_key() { private bastion | secret bastion_host_key; }
bastion_authorized_keys() { public client | secret bastion_authorized_keys; }

deploy() {
  remote "STACK=$1 TIMEOUT=120
$(cat "$components/swarm-stack/deploy.sh")" <"$DOCUMENTS/$1.yml"
}

bastion() {
  together bastion_host_key bastion_authorized_keys
  deploy bastion
}

spark() {
  secret spark_secret </dev/null
  deploy spark
  remote "WORKERS=$WORKERS TIMEOUT=120
$(cat "$components/spark/await-workers.sh")" </dev/null
}

create() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  local name steps=(network "key client" "key join" "key bastion")
  hosts=(manager)
  for ((index = 0; index < WORKERS; index++)); do hosts+=("worker-$index"); done
  for name in "${hosts[@]}"; do steps+=("key $name" "disk $name"); done
  together "${steps[@]}"

  (umask 077 && private client >"$work/client")
  echo "manager $(public manager)" >"$work/known-hosts"
  steps=("host manager $MANAGER_CPUS $MANAGER_MEMORY")
  for name in "${hosts[@]:1}"; do steps+=("host $name $WORKER_CPUS $WORKER_MEMORY"); done
  together "${steps[@]}"
  port=$(docker port "$NAME-manager" 22/tcp | sed 's/.*://')
  await_ssh
  form
  together spark bastion
}

case ${1:-} in
  create | remove) "$1" ;;
  *) echo "usage: plain-swarm.sh create|remove" >&2 && exit 2 ;;
esac
