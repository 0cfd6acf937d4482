import { Counter, Gauge, Histogram } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../metrics.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { readMetrics } from './messages.ts'
import { createPrimaryMetrics } from './primary-metrics.ts'

/** Builds the reply of a worker with these counts. */
const worker = async (numbers: { joins: number; sockets: number; waiting: number; seconds: readonly number[] }) => {
  const registry = createMetrics('example')
  const registers = [registry]
  const joins = new Counter({ name: 'joins_total', help: 'Joins', labelNames: ['outcome'], registers })
  joins.inc({ outcome: 'joined' }, numbers.joins)
  new Gauge({ name: 'sockets', help: 'Sockets', registers }).set(numbers.sockets)
  new Gauge({ name: 'waiting', help: 'Waiting', aggregator: 'max', registers }).set(numbers.waiting)
  const duration = new Histogram({ name: 'duration_seconds', help: 'Durations', buckets: [0.1, 1], registers })
  for (const value of numbers.seconds) duration.observe(value)
  return readMetrics(registry)
}
const aggregators = async () =>
  new Map((await createMetrics('example').getMetricsAsJSON()).map(({ name, aggregator }) => [name, aggregator]))

describe('the metrics of several workers', () => {
  it('are the sum of what each worker counts, and the value that all of them observe', async () => {
    const text = await mergeMetrics({
      replies: [
        { worker: 1, state: 'answering', body: await worker({ joins: 3, sockets: 10, waiting: 500, seconds: [0.05] }) },
        {
          worker: 2,
          state: 'answering',
          body: await worker({ joins: 4, sockets: 20, waiting: 501, seconds: [0.5, 5] }),
        },
      ],
    })
    expect(text).toContain('joins_total{outcome="joined",app="example"} 7\n')
    expect(text).toContain('sockets{app="example"} 30\n')
    expect(text).toContain('waiting{app="example"} 501\n')
    expect(text).toContain('duration_seconds_bucket{le="0.1",app="example"} 1\n')
    expect(text).toContain('duration_seconds_bucket{le="1",app="example"} 2\n')
    expect(text).toContain('duration_seconds_bucket{le="+Inf",app="example"} 3\n')
    expect(text).toContain('duration_seconds_count{app="example"} 3\n')
  })

  it('list the workers that they include', async () => {
    const primary = createPrimaryMetrics('example')
    primary.heard([{ state: 'answering' }, { state: 'silent' }, { state: 'down' }, { state: 'answering' }])
    const text = await mergeMetrics({
      replies: [
        { worker: 1, state: 'answering', body: await worker({ joins: 1, sockets: 0, waiting: 0, seconds: [] }) },
        { worker: 2, state: 'silent' },
      ],
      primary: await primary.read(),
    })
    expect(text).toContain('joins_total{outcome="joined",app="example"} 1\n')
    expect(text).toContain('floodgate_workers{state="answering",app="example"} 2\n')
    expect(text).toContain('floodgate_workers{state="silent",app="example"} 1\n')
    expect(text).toContain('floodgate_workers{state="down",app="example"} 1\n')
  })

  it('show the worst event loop, the youngest process and the total memory', async () => {
    const rules = await aggregators()
    expect(rules.get('nodejs_eventloop_lag_seconds')).toBe('max')
    expect(rules.get('floodgate_event_loop_utilization')).toBe('max')
    expect(rules.get('process_start_time_seconds')).toBe('max')
    expect(rules.get('process_resident_memory_bytes')).toBe('sum')
    expect(rules.get('nodejs_version_info')).toBe('first')
    expect([...rules.values()]).not.toContain('average')
    expect([...rules.values()]).not.toContain('omit')
  })
})
