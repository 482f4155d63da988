#!/usr/bin/env bash
# User data of every host on every cloud: makes the host a member of the Swarm, unaided. Safe to run twice.
#
# Above this text stand its variables: ROLE (manager or worker), NAME, HOST_KEY (this host's SSH host key),
# AUTHORIZED_KEY (ours), JOIN_PUBLIC_KEY (manager) or JOIN_KEY, MANAGER and MANAGER_HOST_KEY (worker), and
# where the machine cannot be asked for them, HOST_CPUS and HOST_MEMORY_MB.
set -euo pipefail

library=/usr/local/lib/spark-swarm
log() { echo "$(date -u +%FT%TZ) $*"; }

# Writes standard input to a file; true if that changed it.
put() {
  local path=$1 mode=$2 new
  new=$(mktemp)
  cat >"$new"
  chmod "$mode" "$new"
  if cmp -s "$new" "$path"; then
    rm "$new"
    return 1
  fi
  mkdir -p "$(dirname "$path")"
  mv "$new" "$path"
}

# The engine: the host's name and its cloud's id as labels, by which placement and clean-up know it; logs
# that cannot fill the disk.
configure_engine() {
  local id
  id=$(cat /var/lib/cloud/data/instance-id)
  put /etc/docker/daemon.json 644 <<EOF || return 0
{
  "labels": ["role=$ROLE", "instance=$id"],
  "log-driver": "json-file",
  "log-opts": { "max-size": "10m", "max-file": "3" }
}
EOF
  if pidof dockerd >/dev/null; then systemctl restart docker; fi
}

install_engine() {
  if command -v dockerd >/dev/null; then return; fi
  log "installing Docker"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker.io
}

# SSH by key alone, with the host key that was made for this host beforehand, so that it can be pinned.
configure_ssh() {
  put /etc/ssh/ssh_host_ed25519_key 600 <<<"$HOST_KEY" || true
  put /etc/ssh/sshd_config.d/10-spark-swarm.conf 644 <<'EOF' || true
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200:30:400
AcceptEnv PULUMI_COMMAND_*
ClientAliveInterval 20
ClientAliveCountMax 6
EOF
  local keys="$AUTHORIZED_KEY"
  if [[ $ROLE == manager ]]; then
    put "$library/join-service" 755 <<'EOF' || true
#!/usr/bin/env bash
# All that the join key may do here: read the worker token, or files of /data (names on standard input,
# one a line; none means all).
set -euo pipefail
case ${SSH_ORIGINAL_COMMAND:-} in
  token) docker swarm join-token --quiet worker ;;
  data)
    list=$(cat)
    tar -C /data -c --verbatim-files-from -T - <<<"${list:-.}"
    ;;
  *) echo "this key may only ask for: token, data" >&2; exit 1 ;;
esac
EOF
    keys+=$'\n'"restrict,command=\"$library/join-service\" $JOIN_PUBLIC_KEY"
  fi
  mkdir -p /root/.ssh && chmod 700 /root/.ssh
  put /root/.ssh/authorized_keys 600 <<<"$keys" || true
  if pidof sshd >/dev/null; then pkill -HUP -o -x sshd; else /usr/sbin/sshd; fi
}

# What Spark finds on its host: room on the host's disk, and what the host has.
prepare_spark() {
  mkdir -p /data /var/lib/spark/{events,local,work,ivy}
  chown 185:185 /var/lib/spark/{events,local,work,ivy} # user spark in images/spark
  put /etc/spark-swarm/host 644 <<EOF || true
HOST_NAME=$NAME
HOST_CPUS=${HOST_CPUS:-$(nproc)}
HOST_MEMORY_MB=${HOST_MEMORY_MB:-$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)}
EOF
}

await_engine() { until docker info >/dev/null 2>&1; do sleep 0.2; done; }

swarm_state() { docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null; }

# Of the interface with the default route: Docker's bridges have addresses too.
private_address() { ip -4 route get 192.0.2.1 | sed -n 's/.* src \([0-9.]*\).*/\1/p'; }

form_swarm() {
  if [[ $(swarm_state) == active ]]; then return; fi
  log "forming the Swarm"
  docker swarm init --advertise-addr "$(private_address)" \
    --default-addr-pool 10.202.0.0/16 --task-history-limit 2 >/dev/null
}

ask_manager() {
  ssh -i "$library/join-key" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$library/known-hosts" -o HostKeyAlias=manager \
    root@"$MANAGER" "$@"
}

# Joins; and joins anew when the manager has another Swarm than the one joined before. A token names its
# Swarm in all but its last part, which is a password and may be rotated. Each step may fail, and then all is
# tried again: bash's own errexit does not work in a function that is a loop's condition.
join_swarm() {
  local token swarm state
  token=$(ask_manager token) || return 1
  swarm=${token%-*}
  state=$(swarm_state) || return 1
  if [[ $state =~ ^(active|pending)$ && -f $library/joined && $(cat "$library/joined") == "$swarm" ]]; then return; fi
  if [[ $state != inactive ]]; then docker swarm leave --force || return 1; fi
  "$library/pull-data" </dev/null || return 1
  log "joining the Swarm of $MANAGER"
  docker swarm join --token "$token" --advertise-addr "$(private_address)" "$MANAGER:2377" || return 1
  put "$library/joined" 600 <<<"$swarm" || true
}

prepare_join() {
  put "$library/join-key" 600 <<<"$JOIN_KEY" || true
  put "$library/known-hosts" 644 <<<"manager $MANAGER_HOST_KEY" || true
  put "$library/pull-data" 755 <<EOF || true
#!/usr/bin/env bash
# Fetches from the manager the files of /data that standard input names, one a line; all when it names none.
set -euo pipefail
$(declare -f ask_manager)
library=$library MANAGER=$MANAGER
ask_manager data | tar -C /data -x
EOF
}

configure_engine
configure_ssh
prepare_spark
install_engine
await_engine
if [[ $ROLE == manager ]]; then
  form_swarm
else
  prepare_join
  # Quickly until the host is a member, then now and then: a manager that was replaced has a new Swarm.
  until join_swarm; do sleep 0.5; done
  log "a member of the Swarm"
  while sleep 30; do join_swarm || log "the manager does not answer"; done
fi
