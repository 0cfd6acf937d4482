import { pause } from '@floodgate/async'
import type { Subscription } from '@floodgate/event-bus'
import type { Logger } from '@floodgate/runtime'
import type { PaymentGateway } from './gateway/payment-gateway.ts'

/**
 * Keeps orders waiting on the bus while the provider is unavailable: an open breaker pauses the consumer. Since nothing
 * calls the provider then, a probe does, until the breaker closes.
 */
export function followBreaker(options: {
  gateway: PaymentGateway
  subscription(): Pick<Subscription, 'pause' | 'resume'> | undefined
  probeEveryMs: number
  log: Logger
  signal: AbortSignal
}): void {
  const { gateway, signal, log } = options
  let probing = false
  const probe = async () => {
    if (probing) return
    probing = true
    while (gateway.breakerState() !== 'closed' && !signal.aborted) {
      await pause(options.probeEveryMs, signal)
      if (!signal.aborted) await gateway.probe(signal)
    }
    probing = false
  }
  gateway.onBreakerChange((state) => {
    log.warn({ breaker: state }, 'payment breaker changed')
    if (state === 'closed') options.subscription()?.resume()
    if (state === 'open') {
      options.subscription()?.pause()
      void probe()
    }
  })
}
