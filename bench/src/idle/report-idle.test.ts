import { expect, it } from 'vitest'
import { reportIdle } from './report-idle.ts'

const app = (name: string, cpuPercent: number) => ({
  name,
  cpuPercent,
  residentKib: 100 * 1_024,
  proportionalKib: 60 * 1_024,
})
const measured = { apps: [app('waiting-room', 0.5), app('notifier', 0.25)], seconds: 30, bus: 'redis', restarts: 0 }

it('sums the apps', () => {
  const { thresholds, markdown } = reportIdle(measured)
  expect(thresholds.map(({ measured: figure, reached }) => [figure, reached])).toEqual([
    ['0.75 %', true],
    ['200 MiB', true],
  ])
  expect(markdown).toContain('| together | 0.75 | 200 | 120 |')
})

it('reports exceeded thresholds, and voids a run in which a process died', () => {
  const { thresholds, faults } = reportIdle({ ...measured, apps: [app('waiting-room', 2.1)], restarts: 1 })
  expect(thresholds.map(({ reached }) => reached)).toEqual([false, true])
  expect(faults).toEqual(['1 processes died meanwhile'])
})
