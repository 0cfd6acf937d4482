import { type BackOff, backOffMs } from '@floodgate/async'
import type { PublicOrderStatus } from '@floodgate/contracts'
import type { Logger, ReachFailPoint } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool } from 'pg'
import { PROVIDER_BACK_OFF } from '../back-off.ts'
import { createDropped } from '../dropped.ts'
import type { PaymentGateway } from '../gateway/payment-gateway.ts'
import type { InFlight } from '../in-flight.ts'
import { runWithinLease } from '../lease.ts'
import type { PaymentMetrics } from '../metrics.ts'
import {
  type Capture,
  type CaptureSettlement,
  claimCaptures,
  giveBackCaptures,
  postponeCapture,
  requestCaptures,
  settleCapture,
} from './capture-store.ts'

/** Captures that a sweep leases at once although fewer slots are free: they wait for one within their lease. */
const CLAIMED_MIN = 8

/** Pauses between two looks at an order whose confirmation never arrived. */
const CONFIRMATION_BACK_OFF: BackOff = { minMs: 120_000, maxMs: 3_600_000 }

export interface CapturerDeps {
  readonly pool: Pool
  readonly gateway: Pick<PaymentGateway, 'breakerState' | 'capture'>
  readonly inFlight: InFlight
  readonly metrics: Pick<PaymentMetrics, 'captures'>
  readonly log: Logger
  readonly tracing: Tracing
  /** Returns the state of an order; undefined where it is unknown, or the order core does not respond. */
  readOrderStatus(
    order: Pick<Capture, 'orderId' | 'traceparent'>,
    signal: AbortSignal,
  ): Promise<PublicOrderStatus | undefined>
  readonly reachFailPoint: ReachFailPoint
  readonly signal: AbortSignal
}

/**
 * Takes the authorized money of confirmed orders, until the provider has given it. What it refuses is counted, and tried
 * again every hour. Where a confirmation is missing for minutes, its event was lost or put aside: the order core is asked.
 */
export function createCapturer(deps: CapturerDeps) {
  const { pool } = deps
  const dropped = createDropped((orders) => giveBackCaptures(pool, orders))
  /** A round of this sweep was held up by the provider or its rate: more rounds would be, too. */
  let isHeldUp = false

  /** Returns the capture once the order is confirmed, so that its money may be taken; else undefined. */
  const confirmed = async (capture: Capture, signal: AbortSignal): Promise<Capture | undefined> => {
    if (capture.status !== 'authorized') return capture
    if ((await deps.readOrderStatus(capture, signal)) !== 'confirmed') return undefined
    const requested = await requestCaptures(pool, [capture.orderId])
    return requested.length > 0 ? { ...capture, status: 'requested' } : undefined
  }

  const ask = async (capture: Capture, signal: AbortSignal): Promise<CaptureSettlement | { kind: 'waiting' }> => {
    const outcome = await deps.gateway.capture(capture.chargeId, signal)
    if (outcome.kind === 'unavailable') {
      deps.log.warn({ order: capture.orderId, detail: outcome.detail }, 'capture still open')
      return { kind: 'waiting' }
    }
    await deps.reachFailPoint('after-capture-before-record')
    return outcome
  }

  const run = async (claimed: Capture, signal: AbortSignal): Promise<void> => {
    const { orderId, sale, tries } = claimed
    const startedMs = performance.now()
    const capture = await confirmed(claimed, signal)
    if (capture === undefined)
      return await postponeCapture(pool, claimed, backOffMs(CONFIRMATION_BACK_OFF, tries, Math.random()))
    const traceparent = deps.tracing.continue(capture.traceparent)
    const round = await ask(capture, signal)
    if (round.kind === 'waiting') isHeldUp = true
    if (deps.signal.aborted && round.kind === 'waiting') return
    if (round.kind === 'waiting')
      await postponeCapture(pool, capture, backOffMs(PROVIDER_BACK_OFF, tries, Math.random()))
    else await settleCapture(pool, orderId, round)
    const outcome = round.kind
    deps.metrics.captures.inc({ outcome })
    deps.tracing.record({
      ...{ name: 'capture', traceparent: traceparent ?? '', parent: capture.traceparent, startedMs },
      attributes: { 'floodgate.sale': sale, 'floodgate.order': orderId, 'floodgate.outcome': outcome },
    })
    const fields = { step: 'payment.captured', order: orderId, outcome, ms: Math.round(performance.now() - startedMs) }
    if (round.kind === 'refused') deps.log.error({ ...fields, reason: round.reason }, 'capture refused')
    else deps.log.info(fields, 'capture round')
  }

  /** Leases captures and runs each in a slot of its own. Returns whether there may be more. */
  const leaseAndRun = async (all: boolean): Promise<boolean> => {
    const leasedAtMs = performance.now()
    const max = Math.max(CLAIMED_MIN, deps.inFlight.free())
    const claimed = await claimCaptures(pool, { max, all, onLost: dropped.add })
    for (const capture of claimed)
      await deps.inFlight.start(
        capture.orderId,
        () =>
          runWithinLease({ leasedAtMs, signal: deps.signal }, (round) => run(capture, round)).catch(
            (error: unknown) => {
              isHeldUp = true
              deps.metrics.captures.inc({ outcome: 'failed' })
              dropped.add([capture.orderId])
              deps.log.warn({ order: capture.orderId, error }, 'capture round failed; its record stays open')
            },
          ),
        deps.signal,
      )
    return claimed.length === max
  }
  let isSweeping = false

  return {
    /**
     * Takes what is due, as long as the provider gives it: the rest is left to the next sweep. `all`: what is requested,
     * due or not, as after a start.
     */
    sweep: async ({ all }: { readonly all: boolean }): Promise<void> => {
      if (isSweeping || deps.gateway.breakerState() !== 'closed') return
      isSweeping = true
      isHeldUp = false
      try {
        await dropped.giveBack()
        let isFirst = true
        while ((await leaseAndRun(all && isFirst)) && !isHeldUp) isFirst = false
      } finally {
        isSweeping = false
      }
    },
  }
}
