#!/bin/sh
# Run on the manager, with the machine's id in MANAGER: that it can be run is the news.
echo "the manager has booted"
