import { backOffMs } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool } from 'pg'
import { PENDING_BACK_OFF, PROVIDER_BACK_OFF } from '../back-off.ts'
import { moneyToRefund } from '../capturing/money-to-refund.ts'
import { isOpen } from '../charging/charge.ts'
import { createDropped } from '../dropped.ts'
import type { PaymentGateway } from '../gateway/payment-gateway.ts'
import type { InFlight } from '../in-flight.ts'
import { runWithinLease } from '../lease.ts'
import type { PaymentMetrics } from '../metrics.ts'
import { claimRefunds, giveBackRefunds, postponeRefund, settleRefund } from './refund-store.ts'
import type { Refund } from './refund-tables.ts'

export interface RefunderDeps {
  readonly pool: Pool
  readonly gateway: PaymentGateway
  readonly inFlight: InFlight
  readonly metrics: PaymentMetrics
  readonly log: Logger
  readonly tracing: Tracing
  wakeRelay(): void
  readonly signal: AbortSignal
}

type Round =
  | { readonly kind: 'refunded'; readonly refundId: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** The provider has it as pending; it is looked up under this id. */
  | { readonly kind: 'pending'; readonly refundId: string; readonly detail: string }
  | { readonly kind: 'waiting' }

/** Makes recorded refunds, until the provider has made or rejected them. */
export function createRefunder(deps: RefunderDeps) {
  const dropped = createDropped((refunds) => giveBackRefunds(deps.pool, refunds))
  const ask = async (refund: Refund, signal: AbortSignal): Promise<Round> => {
    const { orderId, chargeStatus, chargeId, key, amountMinor, currency, reference } = refund
    // A free order that an older order core recorded as paid: nothing is refunded, and the provider is not called.
    if (amountMinor === 0) return { kind: 'refunded', refundId: 'nothing' }
    // Its charge is still open: the charger will find out what there is to refund.
    if (isOpen(chargeStatus)) return { kind: 'waiting' }
    if (chargeStatus !== 'approved' || chargeId === null) return { kind: 'refused', reason: 'nothing was charged' }
    const money = await moneyToRefund(deps.pool, refund)
    if (money === 'undecided') return { kind: 'waiting' }
    const isAuthorized = money === 'authorized'
    // The money may still be taken, whole: only refunds of all of it prevent that.
    const mayBeTaken =
      refund.captureStatus === 'refused' && Math.max(amountMinor, refund.requestedMinor) < refund.chargedMinor
    if (mayBeTaken) return { kind: 'refused', reason: 'the payment was authorized, and never taken' }
    const requestedAtMs = refund.requestedAt.getTime()
    const command = { orderId, key, chargeId, amountMinor, currency, requestedAtMs, isAuthorized, reference }
    const outcome = await deps.gateway.refund(command, signal)
    return outcome.kind === 'unavailable' ? { kind: 'waiting' } : outcome
  }

  const run = async (refund: Refund, signal: AbortSignal): Promise<void> => {
    const startedMs = performance.now()
    const traceparent = deps.tracing.continue(refund.traceparent)
    const round = await ask(refund, signal)
    if (deps.signal.aborted && round.kind === 'waiting') return
    if (round.kind === 'waiting' || round.kind === 'pending') {
      const backOff = round.kind === 'pending' ? PENDING_BACK_OFF : PROVIDER_BACK_OFF
      const reference = round.kind === 'pending' ? round.refundId : refund.reference
      // The rounds before it was pending say nothing about how long that lasts.
      const tries = reference === refund.reference ? refund.tries : 0
      await postponeRefund(deps.pool, refund, { afterMs: backOffMs(backOff, tries, Math.random()), tries, reference })
    } else await settleRefund(deps.pool, { ...refund, traceparent }, round)
    deps.wakeRelay()
    deps.metrics.refunds.inc({ outcome: round.kind })
    deps.tracing.record({
      ...{ name: 'refund', traceparent: traceparent ?? '', parent: refund.traceparent, startedMs },
      attributes: {
        'floodgate.sale': refund.sale,
        'floodgate.order': refund.orderId,
        'floodgate.outcome': round.kind,
      },
    })
    const ms = Math.round(performance.now() - startedMs)
    deps.log.info({ step: 'payment.refunded', order: refund.orderId, outcome: round.kind, ms }, 'refund round')
  }

  return {
    sweep: async (options: { all: boolean }): Promise<void> => {
      if (deps.gateway.breakerState() !== 'closed') return
      const max = deps.inFlight.free()
      if (max <= 0) return
      await dropped.giveBack()
      const leasedAtMs = performance.now()
      for (const refund of await claimRefunds(deps.pool, { max, all: options.all, onLost: dropped.add }))
        await deps.inFlight.start(
          refund.id,
          () =>
            runWithinLease({ leasedAtMs, signal: deps.signal }, (round) => run(refund, round)).catch(
              (error: unknown) => {
                deps.metrics.refunds.inc({ outcome: 'failed' })
                dropped.add([refund.id])
                deps.log.warn({ order: refund.orderId, error }, 'refund round failed; its record stays open')
              },
            ),
          deps.signal,
        )
    },
  }
}
