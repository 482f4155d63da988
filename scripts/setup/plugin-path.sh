# shellcheck shell=bash
# Sourced: puts on the PATH the plugins that Pulumi is to use. SPARK_SWARM_ROOT is the project.
#
# Pulumi's plugins are the official ones: those in the folder SPARK_SWARM_PLUGINS, on the PATH, or where Pulumi keeps
# them, for this project or for the user. Where there is none a stand-in in emulators/plugins serves, which
# SPARK_SWARM_STAND_INS names: for clusters on this machine alone, see program/stand-ins.ts.
PULUMI_HOME=${PULUMI_HOME:-$HOME/.pulumi}
# Those that every stack needs.
PLUGINS=(command@1.2.1 docker@5.0.0)

if [[ -n ${SPARK_SWARM_PLUGINS:-} ]]; then
  if [[ ! -d $SPARK_SWARM_PLUGINS ]]; then
    echo "SPARK_SWARM_PLUGINS: there is no folder '$SPARK_SWARM_PLUGINS'; it must be one with official Pulumi plugins, such as pulumi-resource-docker" >&2
    return 1
  fi
  # Pulumi may run in another folder.
  SPARK_SWARM_PLUGINS=$(cd "$SPARK_SWARM_PLUGINS" && pwd)
  export SPARK_SWARM_PLUGINS
fi

official_plugin() { # NAME@VERSION: prints the folder that has it
  local name=${1%@*} folder IFS=:
  local kept=plugins/resource-$name-v${1#*@}
  for folder in ${SPARK_SWARM_PLUGINS:-} $PATH "$PULUMI_HOME/$kept" "${HOME:-}/.pulumi/$kept"; do
    if [[ -x $folder/pulumi-resource-$name && $(readlink -f "$folder/pulumi-resource-$name") != */emulators/plugins/"$name"/* ]]; then
      printf '%s\n' "$folder"
      return
    fi
  done
  return 1
}
# The names of the clouds that can be emulated; a stand-in for a plugin of the same name speaks to each.
emulated_clouds() {
  local folder
  for folder in "$SPARK_SWARM_ROOT"/emulators/clouds/*/index.ts; do basename "${folder%/index.ts}"; done
}
SPARK_SWARM_STAND_INS=""
for plugin in "${PLUGINS[@]}"; do
  if folder=$(official_plugin "$plugin"); then
    # Pulumi knows its own folder.
    if [[ $folder != "$PULUMI_HOME"/* ]]; then PATH=$folder:$PATH; fi
  else
    SPARK_SWARM_STAND_INS+="${plugin%@*} "
  fi
done
# An emulated cloud has a stand-in for its own plugin, unless that is given.
if [[ -n ${SPARK_SWARM_EMULATED:-} ]]; then
  for plugin in $(emulated_clouds); do
    if [[ ! -x ${SPARK_SWARM_PLUGINS:-}/pulumi-resource-$plugin ]]; then SPARK_SWARM_STAND_INS+="$plugin "; fi
  done
fi
PATH=${SPARK_SWARM_PLUGINS:+$SPARK_SWARM_PLUGINS:}$PATH
for plugin in $SPARK_SWARM_STAND_INS; do PATH=$SPARK_SWARM_ROOT/emulators/plugins/$plugin:$PATH; done
# Plugins of clouds that are not used would be downloaded too, which is tried for long where it cannot be.
if [[ -n $SPARK_SWARM_STAND_INS || -n ${SPARK_SWARM_PLUGINS:-} ]]; then
  export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
fi
export PATH SPARK_SWARM_STAND_INS
