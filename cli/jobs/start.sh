#!/usr/bin/env bash
# Starts a driver in its container: `start.sh COMMAND…`. The driver's working directory has what the executors' have:
# the job's files and archives. If one of these is a Python environment, it is used, unless the job's settings name
# another one.
set -euo pipefail
shopt -s nullglob
defaults=$SPARK_CONF_DIR/spark-defaults.conf
# A new directory, so that files may have any name: Spark's settings are in a folder conf.
mkdir "$HOME/job"
cd "$HOME/job"

for file in /job/files/*; do ln -s "$file" .; done
for archive in /job/archives/*/*; do
  name=$(basename "$(dirname "$archive")")
  mkdir "./$name"
  case $archive in
    *.zip | *.jar) python3 -m zipfile -e "$archive" "./$name" ;;
    *.tar) tar -x -f "$archive" -C "./$name" ;;
    *) tar -x -z -f "$archive" -C "./$name" ;;
  esac
  python=./$name/bin/python
  if [[ -L $python && ! -e $python ]]; then
    echo "spark-swarm: $python is a link to $(readlink "$python"), which is not on the cluster. Make the environment with /usr/bin/python3, pack a conda environment with conda-pack, or use --requirements." >&2
    exit 66
  elif [[ -x $python ]]; then
    # An environment for another kind of machine fails here, before any executor starts.
    "$python" -c ''
    # The environment that was made for the job takes precedence, whatever the order of the names.
    if [[ $name != python-environment && -d /job/archives/python-environment ]]; then continue; fi
    echo "spark.pyspark.python $python" >>"$defaults"
  fi
done
if [[ -f /job/settings/spark-defaults.conf ]]; then
  printf '\n' >>"$defaults"
  cat /job/settings/spark-defaults.conf >>"$defaults"
fi
exec "$@"
