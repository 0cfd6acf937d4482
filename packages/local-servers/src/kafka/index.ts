export { type KafkaCluster, type StartKafkaClusterOptions, startKafkaCluster } from './cluster.ts'
export { installKafka, type KafkaAvailability, kafkaAvailability } from './install.ts'
export { createKafkaSecurity, KAFKA_ADMIN, KAFKA_GUEST, type KafkaSecurity } from './security.ts'
export { type KafkaServer, type StartKafkaOptions, startKafka } from './server.ts'
