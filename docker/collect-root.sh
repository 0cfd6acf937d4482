#!/bin/sh
# Collects the root of the image in the current directory: Node, the libraries that it loads, with the records of their
# packages for vulnerability scanners, and the user `node`. No shell, no package manager, no other program.
set -eu
mkdir -p etc tmp secrets usr/local/bin var/lib/dpkg/status.d
cp /usr/local/bin/node usr/local/bin/
for library in $(ldd /usr/local/bin/node | grep -o '/[^ ]*'); do
  mkdir -p ".$(dirname "$library")"
  cp -L "$library" ".$library"
  package=$(dpkg --search "*/$(basename "$library")" | sed -n '1s/:.*//p')
  dpkg --status "$package" > "var/lib/dpkg/status.d/$package"
done
cp /etc/os-release etc/
grep -E '^(root|node):' /etc/passwd > etc/passwd
grep -E '^(root|node):' /etc/group > etc/group
# Names of the network's hosts, such as redis, come from its DNS.
echo 'hosts: files dns' > etc/nsswitch.conf
chmod 1777 tmp
# The mount point of the secrets volume. A new volume takes its owner.
chown node:node secrets
