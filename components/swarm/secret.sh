#!/bin/sh
# Makes the Swarm secret SECRET from standard input, or a random one when that is empty. A secret that is
# there already stays: Swarm does not change one in use.
set -eu
if docker secret inspect "$SECRET" >/dev/null 2>&1; then exit 0; fi
value=$(cat)
if [ -z "$value" ]; then value=$(head -c 32 /dev/urandom | base64); fi
printf '%s\n' "$value" | docker secret create "$SECRET" - >/dev/null
