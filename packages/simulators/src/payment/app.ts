import type { SimulatorControl } from '@floodgate/contracts'
import { createHttpApp, type Listening, listen, mountOperations } from '@floodgate/http'
import type { Service, ServiceDeps } from '@floodgate/runtime'
import { createBehaviourSwitch } from '../behaviour.ts'
import { createCalls, type WriteLimit } from '../calls.ts'
import { openJournal } from '../journal.ts'
import { createStripeFace } from '../stripe/face.ts'
import { stripeEntry } from '../stripe/intent-book.ts'
import { mountStripeApi, mountStripePages } from '../stripe/routes.ts'
import { createTossFace } from '../toss/face.ts'
import { tossPayment } from '../toss/payment.ts'
import { mountTossApi, mountTossPages } from '../toss/routes.ts'
import { mountBank } from './bank-routes.ts'
import { bookEntry, createChargeBook } from './charge-book.ts'
import type { PaymentSimulatorConfig } from './config.ts'
import { mountControl, mountProvider } from './routes.ts'

const CLOSE_GRACE_MS = 500

/** Creates the simulated payment provider as a service; `url` is known once it has started. */
export function createPaymentSimulator(
  config: PaymentSimulatorConfig,
  deps: Pick<ServiceDeps, 'log' | 'metrics'>,
): Service & { url(): string } {
  const stopped = new AbortController()
  const file = openJournal(config.dataFile, bookEntry)
  const tossFile = openJournal(config.dataFile === undefined ? undefined : `${config.dataFile}.toss`, tossPayment)
  const stripeFile = openJournal(config.dataFile === undefined ? undefined : `${config.dataFile}.stripe`, stripeEntry)
  const book = createChargeBook({ entries: file.entries, append: file.append, chargesMax: config.chargesMax })
  const behaviour = createBehaviourSwitch<SimulatorControl['mode'], WriteLimit>({
    ok: 'ok',
    nowMs: Date.now,
    random: Math.random,
  })
  const app = createHttpApp({ ...deps, allowedOrigins: config.allowedOrigins })
  // Only development reaches a simulator: one port is enough.
  mountOperations(app, {
    api: { title: 'Payment simulator', description: 'A payment provider for development and tests.', routes: {} },
    metrics: deps.metrics,
    checks: {},
  })
  const calls = createCalls(behaviour, stopped.signal)
  let listening: Listening | undefined
  const toss = createTossFace({
    payments: tossFile.entries,
    append: tossFile.append,
    paymentsMax: config.chargesMax,
    checkoutUrlOf: (paymentKey) => `${listening?.url}/v1/payments/${paymentKey}/checkout`,
    calls,
    stopped: stopped.signal,
  })
  const stripe = createStripeFace({
    entries: stripeFile.entries,
    append: stripeFile.append,
    keysMax: config.chargesMax,
    authenticateUrlOf: (id) => `${listening?.url}/stripe/authenticate/${id}`,
    calls,
    stopped: stopped.signal,
  })
  mountControl(app, () => [...book.list(), ...toss.charges(), ...stripe.charges()], behaviour)
  mountBank(app, book)
  mountProvider(app, book, calls)
  mountTossApi(app, { face: toss, calls })
  mountTossPages(app, toss)
  mountStripeApi(app, { face: stripe, calls })
  mountStripePages(app, stripe)
  return {
    async start() {
      listening = await listen({ fetch: app.fetch, host: config.host, port: config.port })
      deps.log.info({ url: listening.url, charges: file.entries.length }, 'listening')
    },
    async stop() {
      stopped.abort()
      await listening?.close(CLOSE_GRACE_MS)
      file.close()
      tossFile.close()
      stripeFile.close()
    },
    url: () => listening?.url ?? '',
  }
}
