# shellcheck shell=sh
# A library: `on_host SCRIPT` runs SCRIPT as LOGIN on the host at ADDRESS and PORT, with the host key HOST_KEY and the
# client key KEY. Returns the script's status, or 255, ssh's own, when the host did not answer three times.
on_host() {
  _keys=$(mktemp -d)
  (umask 077 && printf '%s\n' "$KEY" >"$_keys/key")
  printf 'host %s\n' "$HOST_KEY" >"$_keys/known-hosts"
  for _ in 1 2 3; do
    _status=0
    printf '%s\n' "$1" | ssh -F none -T -p "$PORT" -i "$_keys/key" -o UserKnownHostsFile="$_keys/known-hosts" \
      -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=host -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes \
      -o IdentityAgent=none -o BatchMode=yes -o ConnectTimeout=5 -o ServerAliveInterval=5 \
      "$LOGIN@$ADDRESS" sh || _status=$?
    if [ "$_status" -ne 255 ]; then break; fi
  done
  rm -r "$_keys"
  return "$_status"
}
