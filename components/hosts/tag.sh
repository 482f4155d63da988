#!/bin/sh
# The mark of all that belongs to a stack: its name, and eight digits of chance.
printf '%s-%s\n' "$NAME" "$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')"
