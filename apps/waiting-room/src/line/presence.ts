import type { Logger } from '@floodgate/runtime'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'

const presenceScript = defineLineScript(new URL('./presence.lua', import.meta.url))

/** A buyer who reported, with its place and how long it counts as present. */
export interface Present {
  readonly buyer: string
  readonly place: number
  readonly presentMs: number
}

/**
 * Records that buyers are present, in calls of at most 500; returns the buyers that do not wait in the line (any more).
 */
export async function notePresence(
  line: LineRedis,
  sale: string,
  buyers: readonly Present[],
): Promise<readonly string[]> {
  const batch = 500
  const others: string[] = []
  for (let from = 0; from < buyers.length; from += batch) {
    const reports = buyers.slice(from, from + batch).flatMap(({ buyer, place, presentMs }) => [buyer, place, presentMs])
    const reply = await line.run(presenceScript, sale, [line.runId(sale), ...reports])
    others.push(...(reply as string[]))
  }
  return others
}

/** The presence of buyers who polled in the window without a Redis look-up. */
export interface Presence {
  /** Notes a buyer, to be written to Redis within a quarter of a second, together with all others. */
  note(sale: string, present: Present): void
  /** Writes what has been noted so far; resolves when it is in Redis. */
  flush(): Promise<void>
  /** Resolves when everything noted is in Redis. */
  stop(): Promise<void>
}

const GATHER_MS = 250

/**
 * Records recent polls in Redis, in one call per sale. Losing some, with a process or during an outage of Redis, does
 * no harm: a buyer counts as present for two more polls.
 *
 * Not a micro-batcher of packages/async: a buyer counts once in a quarter of a second, not once a turn.
 */
export function createPresence({ line, log }: { line: LineRedis; log: Logger }): Presence {
  let noted = new Map<string, Map<string, Present>>()
  let timer: NodeJS.Timeout | undefined
  let pushing: Promise<void> = Promise.resolve()

  const report = async (noted: ReadonlyMap<string, ReadonlyMap<string, Present>>) => {
    // Buyers who no longer wait learn that from their next poll: by then the snapshot shows that their turn came.
    for (const [sale, buyers] of noted)
      await notePresence(line, sale, [...buyers.values()]).catch((error: unknown) =>
        log.debug({ sale, error }, 'presence not recorded; next poll retries'),
      )
  }

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const now = noted
    noted = new Map()
    // One after the other, so that writes in progress are awaited, too.
    pushing = pushing.then(() => report(now))
    return pushing
  }

  return {
    note: (sale, present) => {
      timer ??= setTimeout(flush, GATHER_MS)
      const buyers = noted.get(sale)
      if (buyers === undefined) noted.set(sale, new Map([[present.buyer, present]]))
      else buyers.set(present.buyer, present)
    },
    flush,
    stop: flush,
  }
}
