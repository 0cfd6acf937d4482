import { type ConfigDefinition, createLogger, createMetrics, loadConfig } from '@floodgate/runtime'
import type { z } from 'zod'
import { createMailCatcher } from './mail/app.ts'
import { definition as mailDefinition } from './mail/config.ts'
import { createPaymentSimulator } from './payment/app.ts'
import { definition as paymentDefinition } from './payment/config.ts'

const defaultsOf = <Shape extends z.ZodRawShape>(definition: ConfigDefinition<Shape>) => {
  const loaded = loadConfig(definition, { argv: [], env: {} })
  if (loaded.kind !== 'config') throw new TypeError(`${definition.app} has settings without a default`)
  return loaded.config
}

const quietDeps = (app: string) => ({ log: createLogger({ app, level: 'silent' }), metrics: createMetrics(app) })

/** Starts a payment simulator in this process, for tests; without a port on a free one. */
export async function startPaymentSimulator(options: { port?: number; dataFile?: string } = {}) {
  const config = { ...defaultsOf(paymentDefinition), port: 0, ...options }
  const simulator = createPaymentSimulator(config, quietDeps('payment-simulator'))
  await simulator.start()
  return { url: simulator.url(), stop: () => simulator.stop() }
}

/** Starts a mail catcher in this process, for tests; without ports on free ones. */
export async function startMailCatcher(options: { port?: number; smtpPort?: number } = {}) {
  const config = { ...defaultsOf(mailDefinition), port: 0, smtpPort: 0, ...options }
  const catcher = createMailCatcher(config, quietDeps('mail-catcher'))
  await catcher.start()
  return { url: catcher.url(), smtpUrl: catcher.smtpUrl(), stop: () => catcher.stop() }
}
