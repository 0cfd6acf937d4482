import { durationBucketsSeconds } from '@floodgate/runtime'
import { Histogram, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { requestDurations } from './request-durations.ts'

const name = 'floodgate_http_request_duration_seconds'
const linesOf = async (registry: Registry) => (await registry.metrics()).trim().split('\n').sort()
const observations = [
  ['GET', '/a', 200, 0.0005],
  ['GET', '/a', 200, 0.001],
  ['GET', '/a', 200, 0.0011],
  ['GET', '/a', 404, 3],
  ['POST', '/a', 201, 0.2],
  ['POST', '/b"', 201, 11],
] as const

it('exports the same text as a histogram of prom-client', async () => {
  const ours = new Registry()
  const theirs = new Registry()
  for (const registry of [ours, theirs]) registry.setDefaultLabels({ app: 'x' })
  const histogram = new Histogram({
    name,
    help: 'Time from the first byte read to the response handed to the socket',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBucketsSeconds,
    registers: [theirs],
  })
  for (const [method, route, status, seconds] of observations) {
    requestDurations(ours).series(method, route, status).observe(seconds)
    histogram.observe({ method, route, status: String(status) }, seconds)
  }
  const sorted = (line: string) => line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(',').sort().join(','))
  expect((await linesOf(ours)).map(sorted)).toEqual((await linesOf(theirs)).map(sorted))
  const [own, their] = await Promise.all([ours.getMetricsAsJSON(), theirs.getMetricsAsJSON()])
  expect(own[0]?.type).toBe(their[0]?.type)
  expect(own[0]?.values).toHaveLength(their[0]?.values.length ?? 0)
})

it('is one per registry, and keeps its series', () => {
  const registry = new Registry()
  const { series } = requestDurations(registry)
  expect(requestDurations(registry).series('GET', '/a', 200)).toBe(series('GET', '/a', 200))
  expect(series('GET', '/a', 200)).not.toBe(series('GET', '/a', 201))
})
