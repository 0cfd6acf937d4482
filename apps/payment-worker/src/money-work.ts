import { createCapturer } from './capturing/capturer.ts'
import { type ChargerDeps, createCharger } from './charging/charger.ts'
import { createNoteHint } from './charging/note-hints.ts'
import { createOpenPaymentMethod } from './charging/open-payment-method.ts'
import { createOpenProof } from './charging/open-proof.ts'
import type { OrderCoreClient } from './charging/order-core-client.ts'
import { createOrderHandler } from './consume-orders.ts'
import { createInFlight, type InFlight } from './in-flight.ts'
import { noteRefundHints } from './refunding/note-refund-hints.ts'
import { createRefunder } from './refunding/refunder.ts'

const CAPTURES_IN_FLIGHT = 64
const REFUNDS_IN_FLIGHT = 32

type Shared = Omit<ChargerDeps, 'openPaymentMethod' | 'openProof' | 'fetchChargeability' | 'inFlight'>

/** Wires what is done for orders at the provider: charges, captures, refunds, and the events that lead to them. */
export function createMoneyWork({
  charging,
  orderCore,
  paymentKey,
  ...shared
}: Shared & {
  readonly charging: InFlight
  readonly orderCore: OrderCoreClient
  readonly paymentKey: Parameters<typeof createOpenProof>[0]
}) {
  const { pool, metrics, log, wakeRelay } = shared
  const [capturing, refunding] = [createInFlight(CAPTURES_IN_FLIGHT), createInFlight(REFUNDS_IN_FLIGHT)]
  const openPaymentMethod = createOpenPaymentMethod(paymentKey)
  const charger = createCharger({
    ...{ ...shared, openPaymentMethod, openProof: createOpenProof(paymentKey) },
    ...{ inFlight: charging, fetchChargeability: orderCore.fetchChargeability },
  })
  const capturer = createCapturer({ ...shared, inFlight: capturing, readOrderStatus: orderCore.readOrderStatus })
  const refunder = createRefunder({ ...shared, inFlight: refunding })
  // The next sweep is the retry of each.
  const buyersAreBack = () => void charger.sweepAwaiting().catch(() => undefined)
  const capturesAreDue = () => void capturer.sweep({ all: false }).catch(() => undefined)
  const refundsAreDue = () => void refunder.sweep({ all: false }).catch(() => undefined)
  const noteRefunds = async (orders: readonly string[]) => {
    if (await noteRefundHints(pool, orders)) refundsAreDue()
  }

  return {
    charger,
    capturer,
    refunder,
    noteHint: createNoteHint({ pool, onNoted: buyersAreBack, noteRefunds }),
    capturesAreDue,
    handleOrders: createOrderHandler({
      ...{ pool, charger, openPaymentMethod, metrics, log, wakeRelay },
      ...{ buyersAreBack, capturesAreDue, refundsAreDue },
    }),
    /** Resolves when no capture and no refund is in progress. */
    idle: () => Promise.all([capturing.idle(), refunding.idle()]),
  }
}
