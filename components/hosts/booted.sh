#!/bin/sh
# Run on the manager, with the machine's id in MANAGER, as soon as it can be: that is the news. Leaves there what hosts
# run before they do anything else, BOOTSTRAP, in LIBRARY; hosts wait for it, though it may be empty.
set -eu
echo "the manager has booted"
folder=$LIBRARY/$MANAGER
mkdir -p "$folder"
printf '%s' "$BOOTSTRAP" >"$folder/new"
if [ -e "$folder/bootstrapped" ] && ! cmp -s "$folder/new" "$folder/bootstrap"; then
  echo "bootstrap actions have changed: hosts that are made from now on run these, the others stay as they are"
fi
mv "$folder/new" "$folder/bootstrap"
