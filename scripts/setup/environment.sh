# shellcheck shell=bash
# Sourced: the environment in which the scripts run Pulumi. State, selected stack, plugins and passphrase are in the
# project's .spark-swarm folder, tools in the user's cache folder: the user's own Pulumi login and plugin folder stay as
# they are. A backend that the user has chosen (PULUMI_BACKEND_URL) is kept.
SPARK_SWARM_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SPARK_SWARM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/spark-swarm
export SPARK_SWARM_ROOT SPARK_SWARM_CACHE

export PULUMI_SKIP_UPDATE_CHECK=true
if [[ -z ${PULUMI_BACKEND_URL:-} ]]; then
  # A second file beside each, with its metadata, would be empty after a kill, and the state would then count as
  # damaged.
  export PULUMI_BACKEND_URL="file://$SPARK_SWARM_ROOT/.spark-swarm/state?metadata=skip"
  export PULUMI_CONFIG_PASSPHRASE_FILE=$SPARK_SWARM_ROOT/.spark-swarm/passphrase
  mkdir -p "$SPARK_SWARM_ROOT/.spark-swarm/state"
  if [[ ! -s $PULUMI_CONFIG_PASSPHRASE_FILE ]]; then
    (umask 077 && head -c 24 /dev/urandom | base64 >"$PULUMI_CONFIG_PASSPHRASE_FILE")
  fi
fi
export PULUMI_HOME=${PULUMI_HOME:-$SPARK_SWARM_ROOT/.spark-swarm/home}

if ! command -v pulumi >/dev/null || ! command -v pulumi-language-nodejs >/dev/null; then
  PATH=$SPARK_SWARM_CACHE/bin:$PATH
elif ! command -v pulumi-language-yaml >/dev/null; then
  PATH=$PATH:$SPARK_SWARM_CACHE/bin
fi

# shellcheck source=scripts/setup/plugin-path.sh
source "$SPARK_SWARM_ROOT/scripts/setup/plugin-path.sh"
