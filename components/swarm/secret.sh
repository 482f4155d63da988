#!/bin/sh
# Creates the secret SECRET in the Swarm SWARM from VALUE, or a random one when that is empty. An existing secret stays:
# Swarm cannot change one in use.
set -eu
if docker secret inspect "$SECRET" >/dev/null 2>&1; then exit 0; fi
if [ -z "$VALUE" ]; then VALUE=$(head -c 32 /dev/urandom | base64); fi
printf '%s\n' "$VALUE" | docker secret create "$SECRET" - >/dev/null
