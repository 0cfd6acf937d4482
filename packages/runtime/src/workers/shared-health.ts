import type { Readiness } from '@floodgate/contracts'
import type { Registry } from 'prom-client'
import { thisWorker } from './identity.ts'
import { readMetrics } from './messages.ts'
import { createPeerHealth, type Health } from './peer-health.ts'
import { primaryChannel } from './primary-channel.ts'

/** Returns this process' health, or, in a worker, that of all workers behind its port. */
export function healthOf(own: { readiness(): Promise<Readiness>; readonly metrics: Registry }): Health {
  const { readiness, metrics } = own
  if (thisWorker(process.env) === undefined) return { readiness, metrics: () => metrics.metrics() }
  return createPeerHealth(primaryChannel, { readiness, metrics: () => readMetrics(metrics) })
}
