import { Counter, Gauge, Histogram } from 'prom-client'
import { expect, it } from 'vitest'
import { createMetrics } from '../metrics.ts'
import { createKeptCounts } from './kept-counts.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { type Reply, readMetrics } from './messages.ts'

type MetricsReply = Reply<Awaited<ReturnType<typeof readMetrics>>>

const answering = async (worker: number, count: number): Promise<MetricsReply> => {
  const registry = createMetrics('example')
  const registers = [registry]
  new Counter({ name: 'joins_total', help: 'Joins', labelNames: ['outcome'], registers }).inc({ outcome: 'new' }, count)
  new Gauge({ name: 'sockets', help: 'Sockets', registers }).set(count)
  const seconds = new Histogram({ name: 'took_seconds', help: 'Took', buckets: [1], registers })
  for (let each = 0; each < count; each += 1) seconds.observe(0.5)
  return { worker, state: 'answering', body: await readMetrics(registry) }
}
const silent = (worker: number): MetricsReply => ({ worker, state: 'silent' })

const scraped = async (kept: ReturnType<typeof createKeptCounts>, replies: readonly MetricsReply[]) => {
  // As it travels to the worker that was asked.
  const primary = structuredClone(kept.begin()(replies))
  const text = await mergeMetrics({ replies, primary })
  const read = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1] ?? 0,
    )
  return [read('joins_total'), read('took_seconds_bucket{le="1"'), read('took_seconds_count'), read('sockets')]
}

it('a worker that misses a scrape takes nothing away from the counters, and its gauges are absent', async () => {
  const kept = createKeptCounts()
  expect(await scraped(kept, [await answering(1, 3), await answering(2, 4)])).toEqual([7, 7, 7, 7])
  expect(await scraped(kept, [await answering(1, 5), silent(2)])).toEqual([9, 9, 9, 5])
  expect(await scraped(kept, [silent(1), silent(2)])).toEqual([9, 9, 9, 0])
  expect(await scraped(kept, [await answering(1, 5), await answering(2, 6)])).toEqual([11, 11, 11, 11])
})

it('what dead workers counted stays, however many die, and their successors count from zero', async () => {
  const kept = createKeptCounts()
  expect(await scraped(kept, [await answering(1, 1), await answering(2, 10)])).toEqual([11, 11, 11, 11])
  for (let life = 2; life < 6; life += 1) {
    kept.gone(2)
    expect(await scraped(kept, [await answering(1, 1), { worker: 2, state: 'down' }])).toEqual([
      ...Array.from({ length: 3 }, () => 1 + 10 * (life - 1)),
      1,
    ])
    expect((await scraped(kept, [await answering(1, 1), await answering(2, 10)]))[0]).toBe(1 + 10 * life)
  }
})

it('a worker that dies after its reply counts once', async () => {
  const kept = createKeptCounts()
  const complete = kept.begin()
  const replies = [await answering(1, 1), await answering(2, 10)]
  kept.gone(2)
  expect(complete(replies)).toEqual([])
  expect((await scraped(kept, [await answering(1, 1), await answering(2, 2)]))[0]).toBe(13)
  expect((await scraped(kept, [await answering(1, 1), silent(2)]))[0]).toBe(13)
})
