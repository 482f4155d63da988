#!/usr/bin/env bash
# Prints size and free space of the disks that a host's work uses, in bytes: the mount point, then both.
set -euo pipefail
df --portability --block-size 1 /data /var/lib/spark /var/lib/docker | awk 'NR > 1 { print $6, $2, $4 }' | sort -u
