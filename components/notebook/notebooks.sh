#!/usr/bin/env bash
# The notebooks on a cloud's manager, whose disk is deleted with the cluster, and which of them have a local copy. Lists
# have the format of sha256sum --zero, since a name may hold any character.
#   notebooks list      the existing notebooks
#   notebooks saved     those whose local copy was the same at the last pull or push
#   notebooks unsaved   the names of all others, one a line
#   notebooks send      a tar file of those named on standard input, as tar reads names with --null
#   notebooks receive   takes a tar file of a folder `files` and its `list`
#   notebooks record    replaces the list `saved`
set -euo pipefail
export LC_ALL=C
folder=/var/lib/spark/notebooks
saved=/var/lib/spark-swarm/notebooks.saved

# Without the files that Jupyter and Spark leave next to notebooks. cli/files/notebooks.ts leaves out the same.
list() {
  cd "$1"
  find . \( -name .ipynb_checkpoints -o -name metastore_db -o -name spark-warehouse \) -prune -o \
    -type f ! -name derby.log ! -name '.~*' -print0 | sort -z | xargs -0 -r sha256sum --zero
}

saved() { if [[ -f $saved ]]; then cat "$saved"; fi; }

# A line is a checksum of 64 digits, two blanks and a name.
unsaved() { comm -z -23 <(list "$folder" | sort -z) <(saved | sort -z) | cut -z -c 69- | sort -z | tr '\0' '\n'; }

# An interrupted transfer does not match the list, and is discarded.
receive() {
  incoming=$(mktemp --directory --tmpdir=/var/lib/spark .notebooks-XXXXXX)
  trap 'rm -rf "$incoming"' EXIT
  tar -C "$incoming" -x --no-same-owner
  if ! cmp -s <(list "$incoming/files" | sort -z) <(sort -z "$incoming/list"); then
    echo "the transfer broke off" >&2
    return 1
  fi
  chown -R --reference="$folder" "$incoming/files"
  cp --archive --remove-destination "$incoming/files/." "$folder/"
}

record() {
  mkdir -p "$(dirname "$saved")"
  cat >"$saved.new"
  mv "$saved.new" "$saved"
}

case ${1:-} in
  list) list "$folder" ;;
  saved) saved ;;
  unsaved) unsaved ;;
  send) tar -C "$folder" -c --null -T - ;;
  receive) receive ;;
  record) record ;;
  *) echo "notebooks: list, saved, unsaved, send, receive or record" >&2 && exit 64 ;;
esac
