import { Partitioners } from 'kafkajs'
import { expect, it } from 'vitest'
import { createFixedPartitioner } from './fixed-partitioner.ts'

const TOPIC = 'floodgate.orders'
const keys = Array.from({ length: 300 }, (_, index) => `order-${index}`)

const partitions = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({
    ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] },
  }))
const fixed = createFixedPartitioner(() => 3)()
const place = (key: string, count: number) =>
  fixed({ topic: TOPIC, partitionMetadata: partitions(count), message: { key, value: null } })

it('a key stays in its partition when partitions are added', () => {
  expect(keys.map((key) => place(key, 12))).toEqual(keys.map((key) => place(key, 3)))
  expect(new Set(keys.map((key) => place(key, 12)))).toEqual(new Set([0, 1, 2]))
})

it("a key is in the partition in which Kafka's own clients look for it", () => {
  const usual = Partitioners.DefaultPartitioner()
  for (const key of keys)
    expect(place(key, 3)).toBe(usual({ topic: TOPIC, partitionMetadata: partitions(3), message: { key, value: null } }))
})

it('a topic that lost partitions gets no event', () => {
  expect(() => place('order-1', 2)).toThrow('floodgate.orders has 2 partitions; 3 are in use.')
})
