import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createRoomMetrics } from './metrics.ts'

it('polls are counted by what was answered and who was asked, and go on rising after they were read', async () => {
  const registry = new Registry()
  const { countPoll } = createRoomMetrics(registry, {
    totals: () => ({ waiting: 0, active: 0 }),
    failing: () => new Map(),
    snapshots: () => [],
    sockets: () => 0,
  })
  const polls = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('floodgate_polls'))
  countPoll('waiting', 'snapshot')
  countPoll('waiting', 'snapshot')
  countPoll('admitted', 'redis')
  expect(await polls()).toEqual([
    'floodgate_polls_total{state="waiting",asked="snapshot"} 2',
    'floodgate_polls_total{state="admitted",asked="redis"} 1',
  ])
  countPoll('waiting', 'snapshot')
  expect((await polls())[0]).toBe('floodgate_polls_total{state="waiting",asked="snapshot"} 3')
})
