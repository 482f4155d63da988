#!/usr/bin/env bash
# Unpacks a tar file (standard input) under /data; each file appears at once: `receive.sh ID PATH`, where PATH is the
# directory below /data. A file replaces one of the same name; a directory is merged.
#
# When the first tar file is complete, a second one follows, with the file .complete.
set -euo pipefail
target=/data/$2
# On the file system of /data, so that each file is moved there atomically.
incoming=/data/.incoming-$1
trap '' HUP PIPE
trap 'rm -rf "$incoming"' EXIT

mkdir -p "$incoming"
cd "$incoming"
tar -x --ignore-zeros --no-same-owner
if [[ ! -f .complete ]]; then
  echo "the transfer was interrupted" >&2
  exit 1
fi
rm .complete
# Spark runs as another user.
chmod -R a+rX .

mkdir -p "$target"
find . -mindepth 1 -type d -print0 | while IFS= read -r -d '' directory; do
  mkdir -p "$target/$directory"
done
find . ! -type d -print0 | while IFS= read -r -d '' file; do
  mv -fT "$file" "$target/$file"
done
