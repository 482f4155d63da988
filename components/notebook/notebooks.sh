#!/usr/bin/env bash
# The notebooks on the manager of a cloud, whose disk goes with the cluster, and which of them are at home. Lists are
# what sha256sum prints with --zero, for a name may hold anything.
#   notebooks list      those that there are
#   notebooks saved     those that were the same at home when they were last pulled or pushed
#   notebooks unsaved   the names of those that are not among them, one a line
#   notebooks send      a tar file of those named on standard input, as tar reads names with --null
#   notebooks receive   takes a tar file of a folder `files` and its `list`
#   notebooks record    takes what is to be `saved` from now on
set -euo pipefail
export LC_ALL=C
folder=/var/lib/spark/notebooks
saved=/var/lib/spark-swarm/notebooks.saved

# Without what Jupyter and Spark leave beside notebooks: cli/files/notebooks.ts leaves out the same.
list() {
  cd "$1"
  find . \( -name .ipynb_checkpoints -o -name metastore_db -o -name spark-warehouse \) -prune -o \
    -type f ! -name derby.log ! -name '.~*' -print0 | sort -z | xargs -0 -r sha256sum --zero
}

saved() { if [[ -f $saved ]]; then cat "$saved"; fi; }

# A line is a checksum of 64 digits, two blanks and a name.
unsaved() { comm -z -23 <(list "$folder" | sort -z) <(saved | sort -z) | cut -z -c 69- | sort -z | tr '\0' '\n'; }

# What breaks off on its way is not what the list says, and is thrown away.
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
