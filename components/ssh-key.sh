#!/bin/sh
# Prints a new Ed25519 key pair: the public key on the first line, then the private key.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
ssh-keygen -q -t ed25519 -N '' -C '' -f "$directory/key"
cut -d ' ' -f 1,2 "$directory/key.pub"
cat "$directory/key"
