#!/usr/bin/env bash
# Prints the notebook's token, once it answers. Run on the manager.
set -euo pipefail
lab=$(container_of notebook_server)
if [[ -z $lab ]]; then
  echo "no notebook is running. Start one with: pulumi config set notebook true && pulumi up" >&2
  exit 69
fi
for _ in $(seq 60); do
  if docker exec "$lab" curl -fsS --max-time 5 -o /dev/null http://notebook:8888/api 2>/dev/null; then
    docker exec "$lab" cat /run/secrets/notebook_token
    exit
  fi
  sleep 1
done
echo "the notebook does not answer; the end of its log:" >&2
docker logs --tail 15 "$lab" >&2
exit 1
