import { expect, it } from 'vitest'
import type { OrderReport } from '../order-load/job.ts'
import { orderSeeds } from './order-seeds.ts'
import { seedResult } from './seed.ts'

const report: OrderReport = {
  ...{ elapsedMs: 2_000, cpuMs: 100, statuses: { '201': 1_400, '200': 8_000 } },
  ...{ meanMs: 5, maxMs: 40, p50Ms: 4, p95Ms: 8, p99Ms: 9, p95MsByStatus: {}, lateP99Ms: 0, lateMaxMs: 0 },
}

it.each(orderSeeds)('$name shows what its shop reports beside what was measured here', (seed) => {
  const driven = seed.rounds.map((round) => ({ round, orders: report, reads: report, cpuMs: {}, faults: [] }))
  const compared = seed.compare(driven)
  const thresholds = seed.thresholds(driven)
  const { markdown } = seedResult(seed, { compared, thresholds, faults: [], details: {}, conditions: ['As here.'] })
  for (const { theirs, ours } of compared) expect(markdown).toContain(`| ${theirs} | ${ours} |`)
  expect(thresholds.every(({ reached }) => reached)).toBe(true)
})

it('of a rate only accepted orders count, and of reads those that were shown', () => {
  const [l2] = orderSeeds.filter(({ name }) => name === 'l2')
  const [round] = l2?.rounds ?? []
  if (l2 === undefined || round === undefined) throw new Error('L2 has no round.')
  const refused = { ...report, statuses: { '201': 700, '409': 5_000, '503': 9_000 } }
  const compared = l2.compare([{ round, orders: refused, reads: report, cpuMs: {}, faults: [] }])
  expect(compared.map(({ ours }) => ours).slice(0, 2)).toEqual(['350', '4,000'])
})
