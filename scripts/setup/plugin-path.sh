# shellcheck shell=bash
# Sourced: puts the plugins for Pulumi on the PATH. SPARK_SWARM_ROOT is the project.
#
# Official plugins are preferred: those in the folder SPARK_SWARM_PLUGINS, on the PATH, or where Pulumi keeps them, for
# this project or for the user. A missing one is replaced by a stand-in in emulators/plugins, which
# SPARK_SWARM_STAND_INS names: for clusters on this machine only, see program/stand-ins.ts.
PULUMI_HOME=${PULUMI_HOME:-$HOME/.pulumi}
# The plugins that every stack needs.
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
# The names of the emulated clouds; each has a stand-in plugin of the same name.
emulated_clouds() {
  local folder
  for folder in "$SPARK_SWARM_ROOT"/emulators/clouds/*/index.ts; do basename "${folder%/index.ts}"; done
}
SPARK_SWARM_STAND_INS=""
for plugin in "${PLUGINS[@]}"; do
  if folder=$(official_plugin "$plugin"); then
    # Pulumi searches its own folder itself.
    if [[ $folder != "$PULUMI_HOME"/* ]]; then PATH=$folder:$PATH; fi
  else
    SPARK_SWARM_STAND_INS+="${plugin%@*} "
  fi
done
# An emulated cloud uses the stand-in for its own plugin, unless SPARK_SWARM_PLUGINS has that plugin.
if [[ -n ${SPARK_SWARM_EMULATED:-} ]]; then
  for plugin in $(emulated_clouds); do
    if [[ ! -x ${SPARK_SWARM_PLUGINS:-}/pulumi-resource-$plugin ]]; then SPARK_SWARM_STAND_INS+="$plugin "; fi
  done
fi
PATH=${SPARK_SWARM_PLUGINS:+$SPARK_SWARM_PLUGINS:}$PATH
for plugin in $SPARK_SWARM_STAND_INS; do PATH=$SPARK_SWARM_ROOT/emulators/plugins/$plugin:$PATH; done
# Otherwise Pulumi would try to download plugins of unused clouds too, which takes long where it is impossible.
if [[ -n $SPARK_SWARM_STAND_INS || -n ${SPARK_SWARM_PLUGINS:-} ]]; then
  export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
fi
export PATH SPARK_SWARM_STAND_INS
