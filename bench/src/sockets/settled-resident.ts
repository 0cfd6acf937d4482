import { setTimeout as delay } from 'node:timers/promises'
import { readProcessCost } from '../machine/process-cost.ts'

const LOOK_MS = 1_000
const STILL_KIB = 512
const LOOKS_STILL = 4
const LOOKS_MAX = 30

/**
 * Returns the resident KiB of a process once it hardly changes any more: by then temporary memory is released, or kept.
 */
export async function settledResidentKib(pid: number, signal: AbortSignal): Promise<number> {
  const seen: number[] = []
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    seen.push((await readProcessCost(pid)).residentKib)
    const latest = seen.slice(-LOOKS_STILL)
    if (latest.length === LOOKS_STILL && Math.max(...latest) - Math.min(...latest) < STILL_KIB) break
    await delay(LOOK_MS, undefined, { signal })
  }
  return seen.at(-1) ?? 0
}
