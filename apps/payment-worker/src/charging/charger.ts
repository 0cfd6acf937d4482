import { backOffMs } from '@floodgate/async'
import type { Logger, ReachFailPoint } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool } from 'pg'
import { BUYER_BACK_OFF, PROVIDER_BACK_OFF } from '../back-off.ts'
import { createDropped } from '../dropped.ts'
import type { PaymentGateway } from '../gateway/payment-gateway.ts'
import type { InFlight } from '../in-flight.ts'
import { runWithinLease } from '../lease.ts'
import type { PaymentMetrics } from '../metrics.ts'
import { attemptOf, type Charge } from './charge.ts'
import { claimOpenCharges, giveBackCharges } from './charge-leases.ts'
import { startNextAttempt } from './charge-store.ts'
import { type Findings, type NextStep, nextStep, withoutProof } from './next-step.ts'
import type { OpenPaymentMethod } from './open-payment-method.ts'
import type { OpenProof } from './open-proof.ts'
import type { OrderCoreClient } from './order-core-client.ts'
import { createRoundRecords } from './round-records.ts'
import { withoutMethod } from './without-method.ts'

/** Open charges that a sweep leases although no slot is free: few, since they wait for one within their lease. */
const SWEPT_CHARGES_MIN = 8

/** Outcomes of rounds that settle nothing, as metrics and logs name them. */
const OUTCOMES: { readonly [Step in NextStep['do']]?: string } = { wait: 'waiting', 'await-buyer': 'awaiting-buyer' }

export interface ChargerDeps {
  readonly pool: Pool
  readonly gateway: PaymentGateway
  readonly fetchChargeability: OrderCoreClient['fetchChargeability']
  readonly openPaymentMethod: OpenPaymentMethod
  readonly openProof: OpenProof
  readonly inFlight: InFlight
  readonly metrics: PaymentMetrics
  readonly log: Logger
  readonly tracing: Tracing
  wakeRelay(): void
  readonly reachFailPoint: ReachFailPoint
  /** Aborts work in progress; open charges then stay open. */
  readonly signal: AbortSignal
}

export type Charger = ReturnType<typeof createCharger>

/** Drives open charges to their end, many side by side, each through `nextStep`. */
export function createCharger(deps: ChargerDeps) {
  const dropped = createDropped((orders) => giveBackCharges(deps.pool, orders))
  const { settle, awaitBuyer, postpone } = createRoundRecords(deps)

  /** Returns the charge with its payment method, if this process has the key. An order that is over needs none. */
  const opened = (charge: Charge): Charge => {
    if (charge.sealedPaymentMethod === null || charge.orderEnded) return charge
    const method = deps.openPaymentMethod(charge.sealedPaymentMethod)
    if (method.kind === 'opened') return { ...charge, paymentMethod: method.method, sealedPaymentMethod: null }
    deps.metrics.unopened.inc({ cause: method.kind })
    return charge
  }

  const callProvider = async (charge: Charge, signal: AbortSignal): Promise<Findings> => {
    const { paymentMethod } = charge
    const outcome = await deps.gateway.begin({ ...attemptOf(charge), paymentMethod }, signal)
    if (outcome.kind !== 'unavailable') await deps.reachFailPoint('after-charge-before-record')
    return { charge: outcome }
  }

  /** Performs the step and returns the findings; undefined when the charge is done for now. */
  const perform = async (charge: Charge, step: NextStep, signal: AbortSignal): Promise<Findings | undefined> => {
    switch (step.do) {
      case 'ask-order-core':
        return { chargeability: await deps.fetchChargeability(charge, signal) }
      case 'charge':
        return await callProvider(charge, signal)
      case 'look-up':
        return { lookUp: await deps.gateway.lookUp(attemptOf(charge), signal) }
      case 'close':
        return { close: await deps.gateway.close(attemptOf(charge), signal) }
      case 'resume': {
        const proof = deps.openProof(step.proof)
        const resume =
          proof === 'key-missing'
            ? withoutProof(await deps.gateway.lookUp(attemptOf(charge), signal))
            : await deps.gateway.resume({ ...attemptOf(charge), proof }, signal)
        if (resume.kind === 'approved') await deps.reachFailPoint('after-charge-before-record')
        return { resume }
      }
      case 'await-buyer':
        await awaitBuyer({
          ...{ orderId: charge.orderId, ...step.outcome, traceparent: charge.traceparent, dueAt: charge.dueAt },
          ...{ usedProof: charge.buyerProof, afterMs: backOffMs(BUYER_BACK_OFF, charge.tries, Math.random()) },
        })
        return undefined
      case 'settle':
        await settle({ orderId: charge.orderId, settlement: step.settlement, traceparent: charge.traceparent })
        return undefined
      case 'wait':
        await postpone({
          orderId: charge.orderId,
          status: step.status,
          ...{ detail: step.detail, reference: step.reference },
          dueAt: charge.dueAt,
          afterMs: backOffMs(
            // A buyer who is back waits for the provider.
            step.status === 'awaiting-buyer' && charge.buyerProof === null ? BUYER_BACK_OFF : PROVIDER_BACK_OFF,
            charge.tries,
            Math.random(),
          ),
        })
        return undefined
      case 'next-attempt':
        return undefined
    }
  }

  /** Returns the charge with the trace context of this try, which its event passes on. */
  const traced = (charge: Charge): Charge => ({ ...charge, traceparent: deps.tracing.continue(charge.traceparent) })

  const runRound = async (taken: Charge, signal: AbortSignal): Promise<void> => {
    let charge: Charge | undefined = traced(opened(taken))
    let found: Findings = {}
    const startedMs = performance.now()
    while (charge !== undefined && !deps.signal.aborted) {
      const step = withoutMethod(nextStep(charge, found, Date.now()), charge.paymentMethod)
      const learned = await perform(charge, step, signal)
      // An interrupted call yields no finding.
      if (deps.signal.aborted && learned !== undefined) return
      if (learned !== undefined) {
        found = { ...found, ...learned }
        continue
      }
      report(charge, step, { parent: taken.traceparent, startedMs })
      const next: Charge | undefined =
        step.do === 'next-attempt' ? await startNextAttempt(deps.pool, charge) : undefined
      charge = next === undefined ? undefined : traced(opened(next))
      found = found.chargeability === undefined ? {} : { chargeability: found.chargeability }
    }
  }

  const report = (charge: Charge, step: NextStep, begun: { parent: string | null; startedMs: number }) => {
    const elapsedMs = performance.now() - begun.startedMs
    const outcome = step.do === 'settle' ? step.settlement.kind : (OUTCOMES[step.do] ?? 'key-closed')
    deps.metrics.charges.inc({ outcome })
    if (step.do === 'settle') deps.metrics.chargeSeconds.observe(elapsedMs / 1_000)
    const fields = {
      step: 'payment.charged',
      order: charge.orderId,
      attempt: charge.attempt,
      outcome,
      ms: Math.round(elapsedMs),
    }
    deps.tracing.record({
      ...{ name: 'charge', traceparent: charge.traceparent ?? '', ...begun },
      attributes: {
        'floodgate.sale': charge.sale,
        'floodgate.order': charge.orderId,
        'floodgate.attempt': charge.attempt,
        'floodgate.outcome': outcome,
      },
    })
    if (step.do === 'wait') deps.log.warn({ ...fields, detail: step.detail }, 'charge still open')
    else deps.log.info(fields, step.do === 'await-buyer' ? 'charge awaits its buyer' : 'charge settled')
  }

  /**
   * Waits for a free slot and runs the charge; its record is the retry if it fails. `leasedAtMs`: a time of
   * `performance.now()` before its lease began.
   */
  const take = (
    charge: Charge,
    { signal, leasedAtMs }: { readonly signal: AbortSignal; readonly leasedAtMs: number },
  ): Promise<void> =>
    deps.inFlight.start(
      charge.orderId,
      () =>
        runWithinLease({ leasedAtMs, signal: deps.signal }, (round) => runRound(charge, round)).catch(
          (error: unknown) => {
            deps.metrics.charges.inc({ outcome: 'failed' })
            dropped.add([charge.orderId])
            deps.log.warn({ order: charge.orderId, error }, 'charge round failed; its record stays open')
          },
        ),
      signal,
    )

  const leaseAndTake = async (claim: Omit<Parameters<typeof claimOpenCharges>[1], 'onLost'>): Promise<void> => {
    const round = { signal: deps.signal, leasedAtMs: performance.now() }
    const charges = await claimOpenCharges(deps.pool, { ...claim, onLost: dropped.add })
    for (const charge of charges) await take(charge, round)
  }
  let awaitingSweeps = 0

  return {
    take,
    dropped,
    /**
     * Leases open charges that no worker holds. `all`: for the first sweep after a start, when the worker that leased
     * them is gone.
     */
    sweep: async ({ all }: { all: boolean }): Promise<void> => {
      if (deps.gateway.breakerState() !== 'closed') return
      // In a rush new orders keep every slot busy; open charges still get some, or their orders would expire.
      const max = Math.max(SWEPT_CHARGES_MIN, deps.inFlight.free())
      await dropped.giveBack()
      await leaseAndTake({ awaiting: 'provider', max, all })
    },
    /** Looks after charges that wait for their buyers, where something hints at news or it is time. */
    sweepAwaiting: async (): Promise<void> => {
      // Buyers who are back get some slots in a rush, too. Only one sweep at a time leases charges that wait for them.
      const max = Math.max(awaitingSweeps === 0 ? SWEPT_CHARGES_MIN : 0, deps.inFlight.free())
      if (deps.gateway.breakerState() !== 'closed' || max <= 0) return
      awaitingSweeps += 1
      await leaseAndTake({ awaiting: 'buyer', max, all: false }).finally(() => {
        awaitingSweeps -= 1
      })
    },
  }
}
