#!/bin/sh
# Stands in for pg_isready, which the local Postgres lacks: exits 0 if a server accepts connections on the host of `-h`, or
# without it on the socket.
set -eu
host=
while getopts h:U:p:d: option; do
  if [ "$option" = h ]; then host=$OPTARG; fi
done
grep -q '^ready' /var/lib/postgresql/18/docker/postmaster.pid
if [ -n "$host" ]; then : < "/dev/tcp/$host/5432"; else test -S /var/run/postgresql/.s.PGSQL.5432; fi
