# shellcheck shell=bash
# Prepended to each script that the tool runs on a host.

# The container of a Swarm service on this host; nothing when none runs.
container_of() { docker ps --quiet --filter "label=com.docker.swarm.service.name=$1" | head -n 1; }
