#!/bin/sh
# Does what the entrypoint of the image redis:8 does: gives up root. That image has no protected mode either.
set -eu
chown -R redis:redis /data
exec setpriv --reuid=redis --regid=redis --clear-groups "$@" --protected-mode no
