#!/bin/sh
# Does what the entrypoint of the image apache/kafka does: KAFKA_SOME_NAME becomes the property some.name, and a new volume
# is formatted. Its topics have fewer internal partitions, so that it starts sooner.
set -eu
properties=/tmp/server.properties
env | grep '^KAFKA_' | while IFS='=' read -r name value; do
  echo "$(echo "${name#KAFKA_}" | tr 'A-Z_' 'a-z.')=$value"
done > $properties
echo 'offsets.topic.num.partitions=3' >> $properties
echo 'transaction.state.log.num.partitions=3' >> $properties
jvm="-Xms256m -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog4j2.configurationFile=/opt/kafka/log4j2.yaml"
cd /tmp
java $jvm -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --ignore-formatted -t 5L6g3nShT-eMCtK--X86sw -c $properties
exec java $jvm -cp '/opt/kafka/libs/*' kafka.Kafka $properties
