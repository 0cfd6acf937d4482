import type { SimulatorControl } from '@floodgate/contracts'
import { createHttpApp, type Listening, listen, mountOperations } from '@floodgate/http'
import type { Service, ServiceDeps } from '@floodgate/runtime'
import { createBehaviourSwitch } from '../behaviour.ts'
import { createCalls } from './calls.ts'
import { createChargeBook } from './charge-book.ts'
import { openChargeFile } from './charge-file.ts'
import type { PaymentSimulatorConfig } from './config.ts'
import { mountControl, mountProvider } from './routes.ts'

const CLOSE_GRACE_MS = 500

/** Creates the simulated payment provider as a service; `url` is known once it has started. */
export function createPaymentSimulator(
  config: PaymentSimulatorConfig,
  deps: Pick<ServiceDeps, 'log' | 'metrics'>,
): Service & { url(): string } {
  const stopped = new AbortController()
  const file = openChargeFile(config.dataFile)
  const book = createChargeBook({ entries: file.entries, append: file.append, chargesMax: config.chargesMax })
  const behaviour = createBehaviourSwitch<SimulatorControl['mode']>({ ok: 'ok', nowMs: Date.now, random: Math.random })
  const app = createHttpApp({ ...deps, allowedOrigins: config.allowedOrigins })
  // Only development reaches a simulator: one port is enough.
  mountOperations(app, {
    api: { title: 'Payment simulator', description: 'A payment provider for development and tests.', routes: {} },
    metrics: deps.metrics,
    checks: {},
  })
  mountControl(app, book, behaviour)
  mountProvider(app, book, createCalls(behaviour, stopped.signal))
  let listening: Listening | undefined
  return {
    async start() {
      listening = await listen({ fetch: app.fetch, host: config.host, port: config.port })
      deps.log.info({ url: listening.url, charges: file.entries.length }, 'listening')
    },
    async stop() {
      stopped.abort()
      await listening?.close(CLOSE_GRACE_MS)
      file.close()
    },
    url: () => listening?.url ?? '',
  }
}
