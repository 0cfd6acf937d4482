import type { Logger } from '@floodgate/service'
import type { LineRedis } from '../line/line-redis.ts'
import { notePresence } from '../line/line-scripts.ts'
import { presentInWindowMs } from './poll-policy.ts'

export interface Present {
  readonly buyer: string
  readonly place: number
}

/** Who was seen in the front window without Redis having been asked. */
export interface Presence {
  /** Redis hears of it within a quarter of a second, together with all the others. */
  readonly note: (sale: string, present: Present) => void
  /** Resolves when all that was noted has been told. */
  readonly stop: () => Promise<void>
}

const gatherMs = 250

/**
 * Tells Redis in one call who has polled lately. What is lost with a process, or while Redis is away, does no harm: a buyer
 * counts as there for two more polls.
 */
export const createPresence = ({ line, log }: { line: LineRedis; log: Logger }): Presence => {
  let noted = new Map<string, Map<string, Present>>()
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> = Promise.resolve()

  const tellRedis = async (noted: ReadonlyMap<string, ReadonlyMap<string, Present>>) => {
    // Those who wait no longer hear of it at their next poll: by then the snapshot tells that their turn was.
    for (const [sale, buyers] of noted)
      await notePresence(line, sale, { buyers: [...buyers.values()], presentMs: presentInWindowMs }).catch(
        (error: unknown) => log.debug({ sale, error }, 'presence not noted; the next poll tries again'),
      )
  }

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const now = noted
    noted = new Map()
    // One after the other: what is under way is waited for, too.
    telling = telling.then(() => tellRedis(now))
    return telling
  }

  return {
    note: (sale, present) => {
      timer ??= setTimeout(flush, gatherMs)
      const buyers = noted.get(sale)
      if (buyers === undefined) noted.set(sale, new Map([[present.buyer, present]]))
      else buyers.set(present.buyer, present)
    },
    stop: flush,
  }
}
