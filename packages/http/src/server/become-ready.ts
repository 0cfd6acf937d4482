import { setTimeout as delay } from 'node:timers/promises'
import type { HealthChecks } from '../operations/health-routes.ts'

/**
 * A process that cannot reach its servers opens its port after this long: 503 with `Retry-After` is better than a
 * refused connection.
 */
const READY_MS_MAX = 2_000
const LOOK_EVERY_MS = 20

/**
 * Waits until all checks are ready, at most two seconds, and returns whether they are. A load balancer without health
 * checks sends buyers as soon as the port is open, which is before the first connection to Redis.
 */
export async function becomeReady(checks: HealthChecks): Promise<boolean> {
  const late = new AbortController()
  const waiting = looking(checks, late.signal)
  const patience = delay(READY_MS_MAX, false, { signal: late.signal }).catch(() => false)
  try {
    return await Promise.race([waiting, patience])
  } finally {
    late.abort()
  }
}

async function looking(checks: HealthChecks, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const found = await Promise.allSettled(Object.values(checks).map(async (check) => await check()))
    if (found.every((one) => one.status === 'fulfilled' && one.value.ready)) return true
    await delay(LOOK_EVERY_MS)
  }
  return false
}
