import { createHmac, randomUUID } from 'node:crypto'
import { createWebhookSender } from '../webhook-sender.ts'

/** For three days, as Stripe does. */
const RETRY_MINUTES = [1, 5, 30, 120, 300, 600, 1_440, 1_440]

/** Sends signed webhooks, and again until they are answered with 2xx. */
export function createStripeWebhooks({ nowMs, stopped }: { nowMs(): number; readonly stopped: AbortSignal }) {
  const signing = { secret: '' }
  const nowSeconds = () => Math.floor(nowMs() / 1_000)
  const { send, ...sender } = createWebhookSender({
    ...{ nowMs, stopped, retryMinutes: RETRY_MINUTES },
    isAccepted: (status) => status >= 200 && status <= 299,
    /** Signs each delivery anew, with the time of it (docs.stripe.com/webhooks/signature). */
    headersOf(body) {
      const seconds = nowSeconds()
      const digest = createHmac('sha256', signing.secret).update(`${seconds}.${body}`).digest('hex')
      return { 'stripe-signature': `t=${seconds},v1=${digest}` }
    },
  })
  return {
    ...sender,
    signing,
    announce(type: string, object: object): void {
      const id = `evt_${randomUUID().replaceAll('-', '')}`
      send({ id, object: 'event', type, created: nowSeconds(), livemode: false, data: { object } })
    },
  }
}
