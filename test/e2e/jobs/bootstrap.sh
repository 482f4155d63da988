#!/usr/bin/env bash
# A bootstrap action that records each of its runs.
set -euo pipefail
echo "$*" >>/etc/bootstrap-runs
