export { installKafka, type KafkaAvailability, kafkaAvailability } from './install.ts'
export { type KafkaServer, type StartKafkaOptions, startKafka } from './server.ts'
