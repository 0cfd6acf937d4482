import { Counter, Histogram, type Registry } from 'prom-client'

export function createPaceMetrics(registry: Registry) {
  const registers = [registry]
  return {
    writes: new Counter({
      name: 'floodgate_provider_writes_total',
      help: 'Writes sent to the payment provider, retries included, by lane: charge for charges and captures, rest for refunds and ends of charges',
      labelNames: ['lane'] as const,
      registers,
    }),
    limited: new Counter({
      name: 'floodgate_provider_limited_total',
      help: 'Calls that the payment provider rejected as too many (429)',
      registers,
    }),
    waitSeconds: new Histogram({
      name: 'floodgate_provider_pace_wait_seconds',
      help: 'How long writes to the payment provider waited for its rate, by lane',
      labelNames: ['lane'] as const,
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
  }
}

export type PaceMetrics = ReturnType<typeof createPaceMetrics>
