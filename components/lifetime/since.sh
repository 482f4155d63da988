#!/bin/sh
# The moment at which the stack's cluster was made.
date -u +%FT%TZ
