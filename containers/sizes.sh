#!/bin/sh
# What takes the space of an image, in MiB: run inside it.
set -eu
echo "MiB of the environment, of the base beneath it, and of its largest libraries:"
du -sm /opt/hotshelf /usr
du -sm /opt/hotshelf/lib/python3*/site-packages/* | sort -rn | head -n 12
