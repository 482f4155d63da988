#!/bin/sh
# Prints the time at which the stack's cluster was created.
date -u +%FT%TZ
