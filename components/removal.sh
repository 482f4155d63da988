#!/bin/sh
# Undoes on a host, by the script REMOVAL, what was done there. A host that does not answer has gone with all that was on
# it: a removal that failed for it would fail in every later update too. ON_HOST is how a host is reached.
set -eu
eval "$ON_HOST"
status=0
on_host "$REMOVAL" || status=$?
if [ "$status" -eq 255 ]; then
  echo "warning: the host at $ADDRESS does not answer; what was on it is held to have gone with it" >&2
  exit 0
fi
exit "$status"
