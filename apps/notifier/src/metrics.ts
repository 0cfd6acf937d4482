import { Counter, Gauge, type Registry } from 'prom-client'

export function createNotifierMetrics(registry: Registry, read: { sockets(): number; stockSockets(): number }) {
  const registers = [registry]
  const sockets: Gauge = new Gauge({
    name: 'floodgate_live_sockets',
    help: 'Open sockets that watch an order',
    registers,
    collect: () => sockets.set(read.sockets()),
  })
  const stockSockets: Gauge = new Gauge({
    name: 'floodgate_stock_sockets',
    help: 'Open sockets that watch the stock of a sale',
    registers,
    collect: () => stockSockets.set(read.stockSockets()),
  })
  return {
    liveFailures: new Counter({
      name: 'floodgate_live_failures_total',
      help: 'News that could not be published or read again at once',
      registers,
    }),
  }
}
export type NotifierMetrics = ReturnType<typeof createNotifierMetrics>
