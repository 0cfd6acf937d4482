import type { Clock } from '../clock.ts'
import { createWebhookSender } from '../webhook-sender.ts'

const RETRY_MINUTES = [1, 4, 16, 64, 256, 1_024, 4_096]

/** Sends the provider's webhooks: unsigned, and again until they are answered with 200. */
export function createWebhooks({ clock, stopped }: { clock: Clock; stopped: AbortSignal }) {
  const { send, ...sender } = createWebhookSender({
    ...{ nowMs: clock.nowMs, stopped, retryMinutes: RETRY_MINUTES },
    isAccepted: (status) => status === 200,
    headersOf: () => ({}),
  })
  return {
    ...sender,
    /** Sends the event of a payment's new state. */
    announce(data: object): void {
      const createdAt = new Date(clock.nowMs()).toISOString().replace('Z', '000')
      send({ eventType: 'PAYMENT_STATUS_CHANGED', createdAt, data })
    },
  }
}
