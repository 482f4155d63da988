#!/bin/sh
# Runs on the manager as soon as it answers; MANAGER is the machine's id. Stores BOOTSTRAP, the script that hosts run
# before anything else, in LIBRARY. Hosts wait for the file, though it may be empty.
set -eu
echo "the manager has booted"
folder=$LIBRARY/$MANAGER
mkdir -p "$folder"
printf '%s' "$BOOTSTRAP" >"$folder/new"
if [ -e "$folder/bootstrapped" ] && ! cmp -s "$folder/new" "$folder/bootstrap"; then
  echo "bootstrap actions have changed: hosts that are made from now on run these, the others stay as they are"
fi
mv "$folder/new" "$folder/bootstrap"
