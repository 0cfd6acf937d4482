import { expect, it } from 'vitest'
import { PARTITIONS_PER_TOPIC, partitionOfKey } from './keys.ts'

it('a key never changes its partition: these are the partitions of earlier versions', () => {
  expect(['demo', 'sale-0', 'sale-1', 'grüße', ''].map(partitionOfKey)).toEqual([0, 2, 0, 0, 1])
})

it('keys spread over all partitions', () => {
  const counts = new Map<number, number>()
  for (let key = 0; key < 3_000; key += 1) {
    const partition = partitionOfKey(`00000000-0000-8000-8000-${String(key).padStart(12, '0')}`)
    counts.set(partition, (counts.get(partition) ?? 0) + 1)
  }
  expect(counts.size).toBe(PARTITIONS_PER_TOPIC)
  for (const count of counts.values()) expect(count).toBeGreaterThan(900)
})
