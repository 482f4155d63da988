#!/bin/sh
# Creates FOLDER, which the setting SETTING names, in its bucket, for the Swarm SWARM: Spark needs the folder of event
# logs before its first application. Uses Spark's image IMAGE and Hadoop's configuration HADOOP, and the host's role if
# ROLE is not empty. So an error of the bucket, the service or the keys shows now, and not in every application, or when
# the cluster ends.
set -eu
set --
if [ -n "$ROLE" ]; then set -- --env AWS_CREDENTIAL_PROFILES_FILE=/run/aws/credentials --volume spark_role:/run/aws:ro; fi
# shellcheck disable=SC2016 # expanded inside the container
if ! said=$(printf '%s\n' "$HADOOP" | docker run --rm --interactive --network host "$@" --entrypoint bash "$IMAGE" -euc '
  mkdir -p "$SPARK_CONF_DIR"
  cat >"$SPARK_CONF_DIR/core-site.xml"
  if [ -d /run/aws ]; then timeout 30 bash -c "until [ -s /run/aws/credentials ]; do sleep 0.2; done"; fi
  timeout 90 spark-class org.apache.hadoop.fs.FsShell \
    -D fs.s3a.attempts.maximum=2 -D fs.s3a.retry.limit=2 -mkdir -p "$1"' - "$FOLDER" 2>&1); then
  printf '%s: the folder %s cannot be made:\n%s\n' "$SETTING" "$FOLDER" "$said" >&2
  exit 1
fi
