import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with true when the work is over, one way or the other, and with false `ms` later. The work goes on. */
export async function within(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  const over = new AbortController()
  const settled = Promise.resolve(work).then(
    () => true,
    () => true,
  )
  const patience = sleep(ms, false, { signal: over.signal }).catch(() => false)
  const isOver = await Promise.race([settled, patience])
  over.abort()
  return isOver
}
