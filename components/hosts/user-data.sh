#!/usr/bin/env bash
# User data of every host on every cloud: makes the host join the Swarm by itself. Safe to run twice.
#
# Its variables stand above: ROLE (manager or worker), NAME, HOST_KEY (this host's SSH host key),
# AUTHORIZED_KEY (ours), JOIN_PUBLIC_KEY (manager) or JOIN_KEY, MANAGER and MANAGER_HOST_KEY (worker), HOST_CPUS
# and HOST_MEMORY_MB (its size); on clouds PRIVATE_RANGE, the addresses of the private network, and SPOT, not
# empty when the cloud may take the machine back.
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

# On a machine with an init system a service does the work, at every boot.
become_service() {
  put "$library/host" 700 <"$0" || true
  put /etc/systemd/system/spark-swarm.service 644 <<EOF || true
[Unit]
Description=spark-swarm: makes this host a member of the Swarm
Wants=network-online.target
After=network-online.target
[Service]
ExecStart=$library/host
Environment=HOME=/root
Restart=on-failure
RestartSec=5
StandardOutput=append:/var/log/user-data.log
StandardError=inherit
[Install]
WantedBy=multi-user.target
EOF
  systemctl daemon-reload
  systemctl enable --now --no-block spark-swarm
}

# The host's name for users and the Swarm, also after a reboot, and the name of the manager's registry for hosts.
# Containers must not reach the cloud's metadata, which has credentials.
settle_in_cloud() {
  put /etc/cloud/cloud.cfg.d/99-spark-swarm.cfg 644 <<'EOF' || true
preserve_hostname: true
manage_etc_hosts: false
EOF
  echo "$NAME" >/etc/hostname
  hostname "$NAME"
  local others
  others=$(grep -v '# spark-swarm$' /etc/hosts)
  printf '%s\n%s manager # spark-swarm\n' "$others" "${MANAGER:-$(private_address)}" >/etc/hosts
  iptables -t raw -C PREROUTING -d 169.254.169.254 -j DROP 2>/dev/null ||
    iptables -t raw -I PREROUTING -d 169.254.169.254 -j DROP
}

# The engine: the host's name and cloud id as labels, for placement and clean-up; logs that cannot fill the disk; the
# manager's registry, which only hosts can reach, without TLS.
configure_engine() {
  local id
  id=$(cat /var/lib/cloud/data/instance-id)
  put /etc/docker/daemon.json 644 <<EOF || return 0
{
  "labels": ["role=$ROLE", "instance=$id"],
  "insecure-registries": ["manager:5000"],
  "log-driver": "json-file",
  "log-opts": { "max-size": "10m", "max-file": "3" }
}
EOF
  if pidof dockerd >/dev/null; then systemctl restart docker; fi
}

install_engine() {
  if command -v dockerd >/dev/null; then return; fi
  log "installing Docker"
  # The machine's first updates may hold the lock.
  apt-get -o DPkg::Lock::Timeout=120 update -qq
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq docker.io
}

# SSH by key only, with the host key that was made for this host in advance, so that it can be pinned.
configure_ssh() {
  put /etc/ssh/ssh_host_ed25519_key 600 <<<"$HOST_KEY" || true
  put /etc/ssh/sshd_config.d/10-spark-swarm.conf 644 <<'EOF' || true
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200:30:400
ClientAliveInterval 20
ClientAliveCountMax 6
EOF
  local keys="$AUTHORIZED_KEY"
  if [[ $ROLE == manager ]]; then
    put "$library/join-service" 755 <<'EOF' || true
#!/usr/bin/env bash
# The join key may do only this: read the worker token, or files of /data (names on standard input, one a line; none
# means all); drain its own host; read what hosts run before they join, and report its failure. After a failure it
# cannot be read until `up` runs again. The token comes once it is known whether there is such a script; if so, a second
# line says it. At the end of the cluster's life it is "end".
set -euo pipefail
own=/usr/local/lib/spark-swarm/$(cat /var/lib/cloud/data/instance-id)
caller=${SSH_CONNECTION%% *}
case ${SSH_ORIGINAL_COMMAND:-} in
  token)
    if [[ -e /run/spark-swarm-ending ]]; then echo end && exit; fi
    [[ -e $own/bootstrap ]]
    docker swarm join-token --quiet worker
    if [[ -s $own/bootstrap ]]; then echo bootstrap; fi
    ;;
  bootstrap) if [[ -e $own/failed/$caller ]]; then exit 1; else cat "$own/bootstrap"; fi ;;
  failed)
    # Appears whole or not at all.
    head -c 8192 >"$own/failure-of-$caller"
    mkdir -p "$own/failed"
    mv "$own/failure-of-$caller" "$own/failed/$caller"
    ;;
  drain)
    docker node ls --quiet | xargs docker node inspect --format '{{.Status.Addr}} {{.ID}}' |
      awk -v caller="$caller" '$1 == caller { print $2 }' |
      xargs docker node update --availability drain
    ;;
  data)
    list=$(cat)
    if grep -qE '^/|(^|/)\.\.(/|$)' <<<"$list"; then echo "only files of /data" >&2 && exit 1; fi
    tar -C /data -c --verbatim-files-from -T - <<<"${list:-.}"
    ;;
  *) echo "this key may only ask for: token, data, drain, bootstrap, failed" >&2; exit 1 ;;
esac
EOF
    keys+=$'\n'"restrict,command=\"$library/join-service\" $JOIN_PUBLIC_KEY"
  fi
  mkdir -p /root/.ssh && chmod 700 /root/.ssh
  put /root/.ssh/authorized_keys 600 <<<"$keys" || true
  if [[ -d /run/systemd/system ]]; then
    systemctl reload-or-restart ssh 2>/dev/null || systemctl reload-or-restart sshd
  elif pidof sshd >/dev/null; then
    pkill -HUP -o -x sshd
  else
    /usr/sbin/sshd
  fi
}

# For Spark: folders on the host's disk, and facts about the host.
prepare_spark() {
  # User and group spark in images/spark. Notebooks may be a user's folder and keep their owner.
  install -d -o 185 -g 185 -m 775 /var/lib/spark/{events,local,work,ivy}
  mkdir -p /data /var/lib/spark/notebooks
  if [[ $(stat -c %u /var/lib/spark/notebooks) == 0 ]]; then chown 185:185 /var/lib/spark/notebooks; fi
  put /etc/spark-swarm/host 644 <<EOF || true
HOST_NAME=$NAME
HOST_CPUS=${HOST_CPUS:-$(nproc)}
HOST_MEMORY_MB=${HOST_MEMORY_MB:-$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)}
EOF
}

await_engine() { until docker info >/dev/null 2>&1; do sleep 0.2; done; }

swarm_state() { docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null; }

# In the private network, else of the default route's interface: Docker's bridges have addresses too.
private_address() {
  if [[ -n ${PRIVATE_RANGE:-} ]]; then
    ip -o -4 addr show to "$PRIVATE_RANGE" | sed -n '1s/.* inet \([0-9.]*\).*/\1/p'
  else
    ip -4 route get 192.0.2.1 | sed -n 's/.* src \([0-9.]*\).*/\1/p'
  fi
}

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

# An engine that has left a Swarm keeps its gossip keys and may use them with the next one: other nodes then do not
# learn of its containers.
leave_swarm() {
  docker swarm leave --force || return 1
  if [[ -d /run/systemd/system ]]; then systemctl restart docker; else pkill -x dockerd; fi
  await_engine
}

# The same on the manager itself.
ask() {
  if [[ $ROLE == worker ]]; then
    ask_manager "$1"
  else
    SSH_CONNECTION=manager SSH_ORIGINAL_COMMAND=$1 "$library/join-service" 2>/dev/null
  fi
}

# Runs the user's actions, once in a host's life. The manager has them from `up`. None if $1 is empty.
run_bootstrap() {
  local own script=""
  own=$library/$(cat /var/lib/cloud/data/instance-id)
  if [[ -e $own/bootstrapped ]]; then return; fi
  if [[ -n $1 ]]; then script=$(ask bootstrap) || return 1; fi
  mkdir -p "$own"
  if [[ -n $script ]]; then
    log "running bootstrap actions"
    put "$own/run" 700 <<<"$script" || true
    if ! "$own/run" "$ROLE" "$NAME" "$own" >"$own/failure"; then
      cat "$own/failure"
      ask failed <"$own/failure"
      return 1
    fi
  fi
  touch "$own/bootstrapped"
}

# Joins, and joins again when the manager has another Swarm than before. A token names its Swarm, except in its last
# part, a password that may be rotated. If a step fails, all is tried again: bash's errexit does not work in a function
# that is a loop's condition.
join_swarm() {
  local token swarm state actions=""
  token=$(ask_manager token) || return 1
  date +%s >"$library/answered"
  if [[ $token == end ]]; then end_host; fi
  if [[ $token == *$'\n'bootstrap ]]; then actions=yes; fi
  token=${token%%$'\n'*}
  swarm=${token%-*}
  state=$(swarm_state) || return 1
  if [[ $state =~ ^(active|pending)$ && -f $library/joined && $(cat "$library/joined") == "$swarm" ]]; then return; fi
  run_bootstrap "$actions" </dev/null || return 1
  if [[ $state != inactive ]]; then leave_swarm || return 1; fi
  "$library/pull-data" </dev/null || return 1
  log "joining the Swarm of $MANAGER"
  # form.sh on the manager activates it for work.
  docker swarm join --token "$token" --availability pause --advertise-addr "$(private_address)" "$MANAGER:2377" || return 1
  put "$library/joined" 600 <<<"$swarm" || true
}

prepare_join() {
  put "$library/join-key" 600 <<<"$JOIN_KEY" || true
  put "$library/known-hosts" 644 <<<"manager $MANAGER_HOST_KEY" || true
  put "$library/pull-data" 755 <<EOF || true
#!/usr/bin/env bash
# Fetches files of /data from the manager: those on standard input, one a line, or all if there are none.
set -euo pipefail
$(declare -f ask_manager)
library=$library MANAGER=$MANAGER
ask_manager data | tar -C /data -x
EOF
}

# On EC2 this also ends the machine: shutdown terminates it.
end_host() {
  log "the cluster has ended: shutting down"
  if [[ -d /run/systemd/system ]]; then systemctl poweroff; else kill -TERM 1; fi
  exit 0
}

# On a cloud a host without a manager must not cost money for ever. An hour is enough to replace a manager.
end_without_manager() {
  if [[ -n ${PRIVATE_RANGE:-} ]] && (($(date +%s) - $(cat "$library/answered") > 3600)); then end_host; fi
}

# The cloud gives two minutes' notice before it reclaims a machine: its node is drained, and Spark's worker hands its
# blocks over. EC2's metadata: docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
watch_for_reclaim() {
  local metadata=http://169.254.169.254/latest token
  while sleep 5; do
    token=$(curl -sf -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token") || continue
    curl -sf -m 2 -o /dev/null -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/spot/instance-action" || continue
    log "the cloud takes this machine back: draining"
    ask_manager drain && return
  done
}

if [[ -d /run/systemd/system && $0 != "$library/host" ]]; then
  become_service
  exit 0
fi
# First, so that `up` can see here why the rest failed.
configure_ssh
if [[ -n ${PRIVATE_RANGE:-} ]]; then
  until [[ -n $(private_address) ]]; do sleep 0.2; done
  settle_in_cloud
fi
configure_engine
prepare_spark
install_engine
await_engine
if [[ $ROLE == manager ]]; then
  form_swarm
  until run_bootstrap yes; do sleep 0.5; done
else
  prepare_join
  date +%s >"$library/answered"
  if [[ -n ${SPOT:-} ]]; then watch_for_reclaim & fi
  # Often until the host is a member, then rarely: a replaced manager has a new Swarm.
  until join_swarm; do
    end_without_manager
    sleep 0.5
  done
  log "a member of the Swarm"
  pause=30
  while sleep "$pause"; do
    if join_swarm; then pause=30 && continue; fi
    log "the manager does not answer"
    end_without_manager
    # A new manager should not wait for its workers.
    pause=3
  done
fi
