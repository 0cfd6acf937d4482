import { randomUUID } from 'node:crypto'
import { simulatedCharges } from '@floodgate/contracts'
import { startPaymentSimulator } from '@floodgate/simulators'
import type { Attempt } from '../gateway/payment-gateway.ts'
import { createStripeGateway, type StripeGatewayOptions } from '../gateway/stripe/stripe-gateway.ts'
import { UNPACED } from './unpaced.ts'

export const STRIPE_KEY = 'sk_test_0123456789abcdef'

export const RESILIENCE = {
  ...{ pace: UNPACED, timeoutMs: 30_000, triesMax: 3, retryDelayMs: 5 },
  ...{ breakerFailures: 100, breakerOpenMs: 100 },
}

/** Starts the payment simulator, whose Stripe-shaped face a test drives by a gateway. */
export async function startStripeFace() {
  const simulator = await startPaymentSimulator()
  const post = (path: string, body: object) =>
    fetch(`${simulator.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    url: simulator.url,
    stop: simulator.stop,
    control: (behaviour: object) => post('/control', behaviour),
    face: (behaviour: object) => post('/stripe/control', behaviour),
    createGateway: (changes: Partial<StripeGatewayOptions> = {}) =>
      createStripeGateway({
        ...{ url: simulator.url, secretKey: STRIPE_KEY, webhookSecrets: [] },
        ...{ paymentMethodTypes: ['card'], captureMethod: 'automatic' },
        returnUrl: 'http://127.0.0.1:7100/sales/{sale}?payment={order}',
        ...{ listedDays: 0, resilience: RESILIENCE },
        ...changes,
      }),
    /** Returns what was charged for the order. */
    async chargesOf({ orderId }: Pick<Attempt, 'orderId'>) {
      const { charges } = simulatedCharges.parse(await (await fetch(`${simulator.url}/charges`)).json())
      return charges.filter((charge) => charge.orderId === orderId)
    },
  }
}

export function createAttempt(changes: Partial<Attempt> = {}): Attempt {
  const orderId = changes.orderId ?? randomUUID()
  const money = { amountMinor: 1_250, currency: 'EUR' }
  return { key: orderId, orderId, sale: 'demo', ...money, reference: null, openedAtMs: Date.now(), ...changes }
}
