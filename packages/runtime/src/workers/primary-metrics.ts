import { Counter, Gauge } from 'prom-client'
import { createMetrics } from '../metrics.ts'
import { type MetricsJson, type Reply, readMetrics, type WorkerState } from './messages.ts'

const states: readonly WorkerState[] = ['answering', 'silent', 'down']

export interface PrimaryMetrics {
  /** Notes who answered the scrape that is going on. */
  heard(replies: readonly Pick<Reply<unknown>, 'state'>[]): void
  died(): void
  read(): Promise<MetricsJson>
}

/** The primary's own part of an app's metrics: its process, and how its workers are. */
export function createPrimaryMetrics(app: string): PrimaryMetrics {
  const registry = createMetrics(app)
  const workers = new Gauge({
    name: 'floodgate_workers',
    help: 'Workers: answering this scrape, silent (running, but left out of it) or down',
    labelNames: ['state'],
    registers: [registry],
  })
  const deaths = new Counter({
    name: 'floodgate_worker_deaths_total',
    help: 'Workers that died without being told to',
    registers: [registry],
  })
  return {
    heard: (replies) => {
      for (const state of states) workers.set({ state }, replies.filter((reply) => reply.state === state).length)
    },
    died: () => deaths.inc(),
    read: () => readMetrics(registry),
  }
}
