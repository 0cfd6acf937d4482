import { expect, it } from 'vitest'
import { durationsBetween, quantileMs, readDurations } from './histogram.ts'

const metric = 'floodgate_http_request_duration_seconds'
const exposition = (route: string, status: number, counts: readonly [number, number, number]): string => {
  const labels = `method="GET",route="${route}",status="${status}",app="x"`
  return `# TYPE ${metric} histogram
${metric}_bucket{le="0.01",${labels}} ${counts[0]}
${metric}_bucket{le="0.05",${labels}} ${counts[1]}
${metric}_bucket{le="+Inf",${labels}} ${counts[2]}
${metric}_sum{${labels}} 1.5
${metric}_count{${labels}} ${counts[2]}
`
}

it('sums processes and routes, without the requests that no buyer makes', () => {
  const durations = readDurations([
    exposition('/orders', 201, [1, 2, 3]) + exposition('/metrics', 200, [50, 50, 50]),
    exposition('/orders', 503, [1, 1, 1]) + exposition('/admin/sales/:sale', 200, [9, 9, 9]),
  ])
  expect(Object.fromEntries(durations.buckets)).toEqual({ 0.01: 2, 0.05: 3, Infinity: 4 })
  expect(durations).toMatchObject({ count: 4, serverErrors: 1 })
})

it('counts only requests between two readings', () => {
  const before = readDurations([exposition('/orders', 201, [100, 100, 100])])
  const after = readDurations([exposition('/orders', 201, [150, 200, 200])])
  const between = durationsBetween(before, after)
  expect(between.count).toBe(100)
  expect(quantileMs(between, 0.5)).toBeCloseTo(10)
  expect(quantileMs(between, 0.75)).toBeCloseTo(30)
})

it('returns the last bound for a quantile beyond it, and 0 without requests', () => {
  expect(quantileMs(readDurations([exposition('/orders', 201, [1, 1, 10])]), 0.95)).toBe(50)
  expect(quantileMs(readDurations([]), 0.95)).toBe(0)
})
