#!/usr/bin/env bash
# Starts a driver in its container: `start.sh COMMAND…`. The driver finds in its working directory what executors find
# in theirs, the files and archives of its job; a Python environment among these is the one to use, unless the job's
# settings name another one.
set -euo pipefail
shopt -s nullglob
defaults=$SPARK_CONF_DIR/spark-defaults.conf
# Empty, so that any name may be in it: Spark's settings are in a folder conf.
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
    echo "spark-swarm: $python is a link to $(readlink "$python"), which is not on the cluster. Make the environment with /usr/bin/python3, pack one of conda with conda-pack, or use --requirements." >&2
    exit 66
  elif [[ -x $python ]]; then
    # One for another kind of machine says so here, before any executor starts.
    "$python" -c ''
    # One that was made of what the job asks for is the last of them, by its name or not.
    if [[ $name != python-environment && -d /job/archives/python-environment ]]; then continue; fi
    echo "spark.pyspark.python $python" >>"$defaults"
  fi
done
if [[ -f /job/settings/spark-defaults.conf ]]; then
  printf '\n' >>"$defaults"
  cat /job/settings/spark-defaults.conf >>"$defaults"
fi
exec "$@"
