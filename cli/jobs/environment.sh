#!/usr/bin/env bash
# Creates the Python environment for a job, once for each content and image: `environment.sh JOB IMAGE CONTAINER`. JOB
# is the job's directory; the input is in its folder environment, which is deleted, as it may contain passwords. The
# environment becomes an archive of the job.
set -euo pipefail
job=$1 image=$2 container=$3
wanted=$job/environment
cache=/var/lib/spark-swarm/environments
mkdir -p "$cache"
chmod 700 "$cache"
key=$({
  docker image inspect --format '{{.Id}}' "$image"
  cd "$wanted"
  find . -type f -print0 | sort -z | xargs -0 sha256sum
} | sha256sum | cut -c 1-24)
archive=$cache/$key.tar.gz
# If two jobs need the same one, the second waits.
exec 8>"$cache/$key.lock"
flock 8
if [[ ! -f $archive ]]; then
  echo "spark-swarm: making the Python environment, once for these packages" >&2
  new=$job/new-environment
  install -d -o "$SPARK_USER" -g "$SPARK_USER" "$new"
  # The host's network: on some machines the engine's bridge networks have no route out.
  docker run --rm --name "$container" --network host --env HOME=/tmp \
    --mount "type=bind,src=$wanted,dst=/environment,readonly" \
    --mount "type=bind,src=$job/tool/environment.py,dst=/environment.py,readonly" \
    --mount "type=bind,src=$new,dst=/new" \
    --workdir /environment --entrypoint tini "$image" -- python3 /environment.py /new/environment.tar.gz </dev/null >&2
  mv "$new/environment.tar.gz" "$archive"
  rmdir "$new"
  echo "spark-swarm: the environment takes $(du -h "$archive" | cut -f 1)B, packed" >&2
fi
touch "$archive"
mkdir -p "$job/archives/python-environment"
ln "$archive" "$job/archives/python-environment/python-environment.tar.gz"
rm -r "$wanted"
# Removes those that no job has used for a month; links of running jobs stay.
find "$cache" -type f -mtime +30 ! -name "$key.*" -delete
