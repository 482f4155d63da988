#!/bin/sh
# Runs the script REMOVAL on a host, which undoes what was done there. A host that does not answer counts as deleted: a
# removal that failed for it would fail in every later update too. ON_HOST is the text of on-host.sh.
set -eu
eval "$ON_HOST"
status=0
on_host "$REMOVAL" || status=$?
if [ "$status" -eq 255 ]; then
  echo "warning: the host at $ADDRESS does not answer; it is assumed to be deleted, with everything on it" >&2
  exit 0
fi
exit "$status"
