#!/bin/sh
# Does what the entrypoint of the image postgres:18 does with the variables and the volume of docker-compose.yml.
set -eu
export PGDATA=/var/lib/postgresql/18/docker
mkdir -p "$PGDATA" /var/run/postgresql
chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
as_user="setpriv --reuid=postgres --regid=postgres --clear-groups --no-new-privs"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  $as_user initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE $POSTGRES_DB" | $as_user postgres --single -D "$PGDATA" postgres
  # As there: while the database is prepared, a server listens on the socket only.
  $as_user pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" -w start
  $as_user pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec $as_user postgres -D "$PGDATA" -c 'listen_addresses=*' -c unix_socket_directories=/var/run/postgresql "$@"
