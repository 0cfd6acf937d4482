import { randomUUID } from 'node:crypto'
import { type EncodedEvent, encodeEvent, type FloodgateEvent } from '@floodgate/contracts'

/** Events of one test. Their source distinguishes them from those of earlier tests, which a new group gets, too. */
export interface Samples {
  /** A group name that no other test uses. */
  readonly group: string
  /** Returns `count` events for each key, numbered per key from `from` (default 1) on; the keys alternate. */
  events(keys: readonly string[], count: number, from?: number): EncodedEvent[]
  isOurs(event: FloodgateEvent): boolean
  readonly source: string
}

export function createSamples(): Samples {
  const run = randomUUID().slice(0, 8)
  const source = `/conformance/${run}`
  const event = (sale: string, version: number): EncodedEvent =>
    encodeEvent({
      type: version % 2 === 1 ? 'sale.opened.v1' : 'sale.paused.v1',
      id: `${sale}#${version}`,
      source,
      time: '2026-01-02T03:04:05.678Z',
      aggregateVersion: version,
      data: { sale, name: 'Sample', state: 'open', opensAt: null, closesAt: null, at: '2026-01-02T03:04:05.678Z' },
    })
  return {
    source,
    group: `conformance.${run}`,
    isOurs: (each) => each.source === source,
    events: (keys, count, from = 1) =>
      Array.from({ length: count }, (_, index) => keys.map((key) => event(key, from + index))).flat(),
  }
}

/** Returns an unreadable message for a topic of events. */
export function poison(key: string, source: string): EncodedEvent {
  return {
    topic: 'floodgate.sales',
    key,
    headers: {
      ce_specversion: '1.0',
      ce_id: `poison-${key}`,
      ce_type: 'sale.opened.v1',
      ce_source: source,
      ce_time: '2026-01-02T03:04:05.678Z',
      ce_aggregateversion: '1',
    },
    value: '{"sale":',
  }
}

export function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `sale-${index}`)
}
