import { type ICustomPartitioner, Partitioners } from 'kafkajs'

/**
 * Chooses the partition by the key, as Kafka's own clients do, among a fixed number of partitions. By default every
 * client uses all that it sees: when partitions are added, each process moves keys at its own time, and the events of
 * one order overtake each other.
 */
export function createFixedPartitioner(partitionsOf: (topic: string) => number): ICustomPartitioner {
  return function fixedPartitioner() {
    const choose = Partitioners.DefaultPartitioner()
    return function partitionOf(message) {
      const { topic, partitionMetadata } = message
      const used = partitionsOf(topic)
      if (partitionMetadata.length < used)
        throw new Error(`${topic} has ${partitionMetadata.length} partitions; ${used} are in use.`)
      return choose({ ...message, partitionMetadata: partitionMetadata.slice(0, used) })
    }
  }
}
