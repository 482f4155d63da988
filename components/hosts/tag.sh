#!/bin/sh
# Prints the tag of all that belongs to a stack: its name, and eight random digits.
printf '%s-%s\n' "$NAME" "$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')"
