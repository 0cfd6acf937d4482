import { type ArrivalPattern, arrivalMs } from './arrival.ts'
import { type Buyer, emailOf, simulateBuyer } from './buyer.ts'
import { createCaller } from './caller.ts'
import { createHttpClient } from './http-client.ts'
import { intentOf, isAmong, type Mix, usualMix } from './mix.ts'
import type { BuyerEnd, CrowdObserver } from './observer.ts'
import { createPause, type Pause } from './pause.ts'
import { type PaymentMethods, type Surroundings, simulatedMethods } from './surroundings.ts'

const ARRIVAL_MS = 20_000
const CONNECTIONS = 256

export interface CrowdOptions {
  readonly sale: string
  readonly size: number
  /** One URL per replica, used in turn. */
  readonly waitingRooms: readonly string[]
  readonly orderCores: readonly string[]
  readonly mix?: Mix
  readonly arrival?: { readonly pattern: ArrivalPattern; readonly overMs: number }
  /** Percentage of buyers that wait by WebSocket. */
  readonly socketPercent?: number
  /** Another seed gives the buyers other intents in another order. */
  readonly seed?: number
  readonly paymentMethods?: PaymentMethods
  /** Number of connections that all of them share. */
  readonly connections?: number
  readonly observer?: CrowdObserver
  readonly signal: AbortSignal
}

export interface Crowd {
  readonly buyers: readonly BuyerEnd[]
}

/**
 * Sends a crowd through a sale's public API: every buyer joins, waits as the server directs, is admitted, and buys or
 * leaves. Resolves when all are done. An abort ends it at once, with `cut-short` for the remaining buyers.
 */
export async function runCrowd(options: CrowdOptions): Promise<Crowd> {
  const { sale, size, signal, observer = {}, seed = 0, mix = usualMix, socketPercent = 0 } = options
  const { pattern, overMs } = options.arrival ?? { pattern: 'even', overMs: ARRIVAL_MS }
  const pause = createPause(signal)
  const client = createHttpClient(options.connections ?? CONNECTIONS)
  const around: Surroundings = {
    sale,
    room: createCaller(options.waitingRooms, { client, observer, pause }),
    core: createCaller(options.orderCores, { client, observer, pause }),
    paymentMethods: options.paymentMethods ?? simulatedMethods,
    pause,
    observer,
    signal,
  }
  const run = Date.now().toString(36)
  const startedAt = performance.now()
  const visits: Promise<BuyerEnd>[] = []
  try {
    for (let index = 0; index < size; index += 1) {
      const buyer: Buyer = {
        name: `crowd-${run}-${index}`,
        intent: intentOf(index, mix, seed),
        bySocket: isAmong(socketPercent, index, seed),
      }
      await untilArrival(pause, startedAt + arrivalMs(pattern, { index, size, overMs }))
      visits.push(endOf(around, buyer))
    }
    return { buyers: await Promise.all(visits) }
  } finally {
    client.close()
  }
}

/** When aborted before all have arrived, the others arrive at once and see the abort. */
const untilArrival = async (pause: Pause, arrivesAt: number): Promise<void> => {
  const ms = arrivesAt - performance.now()
  if (ms > 1) await pause(ms).catch(() => undefined)
}

async function endOf(around: Surroundings, buyer: Buyer): Promise<BuyerEnd> {
  const end = around.signal.aborted ? giveUp(around, buyer) : await visitOrGiveUp(around, buyer)
  around.observer.onEnd?.(end)
  return end
}

const visitOrGiveUp = (around: Surroundings, buyer: Buyer): Promise<BuyerEnd> =>
  // One failed buyer must not end the run of the others.
  simulateBuyer(around, buyer).catch((error: unknown) => giveUp(around, buyer, error))

const giveUp = ({ signal }: Surroundings, buyer: Buyer, error?: unknown): BuyerEnd => ({
  email: emailOf(buyer),
  intent: buyer.intent,
  ...(signal.aborted ? { outcome: 'cut-short' } : { outcome: 'gave-up', why: String(error) }),
})
