import { setTimeout as delay } from 'node:timers/promises'
import type { System } from '../../system/types.ts'
import { type BuyerEnd, type Intent, simulateBuyer } from './buyer.ts'

const ARRIVAL_MS = 20_000

export type Crowd = { readonly buyers: readonly BuyerEnd[] }

/** 30 % buy, 10 % leave, 5 % are declined, the rest only wait: evenly mixed, the same for every crowd of a size. Pure. */
export function intentOf(index: number): Intent {
  const share = (index * 37) % 100
  if (share < 30) return 'buy'
  if (share < 40) return 'leave'
  if (share < 45) return 'be-declined'
  return 'wait'
}

/** Sends a crowd through a sale's public API, arriving evenly over 20 s; resolves when everybody is done. */
export async function runCrowd(options: {
  readonly system: Pick<System, 'urlsOf'>
  readonly sale: string
  readonly size: number
  /** Told after each buyer how many are done. */
  readonly onDone?: (done: number) => void
  readonly signal: AbortSignal
}): Promise<Crowd> {
  const { system, sale, size, signal } = options
  let done = 0
  const run = Date.now().toString(36)
  const buyers = await Promise.all(
    Array.from({ length: size }, async (_, index) => {
      await delay((ARRIVAL_MS * index) / size, undefined, { signal })
      const name = `crowd-${run}-${index}`
      const intent = intentOf(index)
      const end = await simulateBuyer({
        name,
        intent,
        sale,
        waitingRooms: system.urlsOf('waiting-room'),
        orderCores: system.urlsOf('order-core'),
        signal,
      }).catch((): BuyerEnd => {
        signal.throwIfAborted()
        // One buyer who gave up must not take the table from all the others.
        return { email: `${name}@example.test`, intent, outcome: 'gave-up' }
      })
      done += 1
      options.onDone?.(done)
      return end
    }),
  )
  return { buyers }
}
