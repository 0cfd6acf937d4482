import { Counter, Gauge } from 'prom-client'
import { createMetrics } from '../metrics.ts'
import { type MetricsJson, type Reply, readMetrics, type WorkerState } from './messages.ts'

const states: readonly WorkerState[] = ['answering', 'silent', 'down']

export interface PrimaryMetrics {
  /** Records which workers replied to the current scrape. */
  heard(replies: readonly Pick<Reply<unknown>, 'state'>[]): void
  died(): void
  read(): Promise<MetricsJson>
}

/** Creates the primary's own part of an app's metrics: its process, and the state of its workers. */
export function createPrimaryMetrics(app: string): PrimaryMetrics {
  const registry = createMetrics(app)
  const workers = new Gauge({
    name: 'floodgate_workers',
    help: 'Workers: answering this scrape, silent (running, but missing in it) or down',
    labelNames: ['state'],
    registers: [registry],
  })
  const deaths = new Counter({
    name: 'floodgate_worker_deaths_total',
    help: 'Workers that died without being stopped',
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
