#!/usr/bin/env bash
# Prints which application a driver on this host is, and the master's view of all applications, a fact a line as
# facts.sh does: `application.sh ID`. It asks the master, not the driver, which is busy and may end in the middle of an
# answer. The master knows drivers by the addresses of their pages.
set -euo pipefail
master=$(container_of spark_master)
address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "driver-$1")
ask() { docker exec "$master" curl -fsS --max-time 10 "http://master:8080/$1"; }
spark=$(ask json/ | tr -d '\n')
echo "spark $spark"
# Applications that have ended come last.
for id in $(grep -o '"app-[0-9-]*"' <<<"${spark%%\"completedapps\"*}" | tr -d '"'); do
  if ask "app/?appId=$id" | grep -q "http://$address:"; then echo "application {\"id\":\"$id\"}"; fi
done
