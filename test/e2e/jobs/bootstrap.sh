#!/usr/bin/env bash
# A bootstrap action: notes each of its runs.
set -euo pipefail
echo "$*" >>/etc/bootstrap-runs
