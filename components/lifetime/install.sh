#!/bin/sh
# Installs or changes the watcher LIFETIME on the manager MANAGER: TTL and IDLE in seconds, or empty; END, the command
# that ends the machines, or empty; ARCHIVE, where /data/keep is copied before that, or empty.
set -eu
folder=/var/lib/spark-swarm
program=/usr/local/lib/spark-swarm/lifetime
mkdir -p "$folder" "$(dirname "$program")"
printf '%s\n' "$LIFETIME" >"$program"
chmod 755 "$program"
(umask 077 && printf '%s\n' "$END" >"$folder/end")
printf 'TTL=%s\nIDLE=%s\nARCHIVE=%s\n' "$TTL" "$IDLE" "$ARCHIVE" >"$folder/lifetime.conf"
date +%s >"$folder/active"
# The TTL counts from when the cluster first got one, also after a change of it. A change drops extensions; removing the
# TTL drops everything.
if [ -z "$TTL" ]; then
  rm -f "$folder/since" "$folder/ttl" "$folder/ends"
elif [ "$(cat "$folder/ttl" 2>/dev/null)" != "$TTL" ]; then
  [ -f "$folder/since" ] || date +%s >"$folder/since"
  echo "$(($(cat "$folder/since") + TTL))" >"$folder/ends"
  echo "$TTL" >"$folder/ttl"
fi

if [ -d /run/systemd/system ]; then
  cat >/etc/systemd/system/spark-swarm-lifetime.service <<EOF
[Unit]
Description=spark-swarm: ends the cluster when its time is over
After=docker.service
[Service]
ExecStart=$program watch
Environment=HOME=/root
Restart=always
RestartSec=5
[Install]
WantedBy=multi-user.target
EOF
  systemctl daemon-reload
  systemctl enable spark-swarm-lifetime
  systemctl restart spark-swarm-lifetime
else
  if [ -f "$folder/watcher" ]; then kill "$(cat "$folder/watcher")" 2>/dev/null || true; fi
  setsid "$program" watch >>/var/log/lifetime.log 2>&1 </dev/null &
  echo $! >"$folder/watcher"
fi
