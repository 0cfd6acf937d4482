import { setTimeout as delay } from 'node:timers/promises'
import { readiness } from '@floodgate/contracts'

const POLL_MS = 100
const RESPONSE_MS_MAX = 3_000

type Ready = { readonly ready: true } | { readonly ready: false; readonly detail: string }

/** Summarises `/readyz` of a process. */
async function askReadiness(url: string): Promise<Ready> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(RESPONSE_MS_MAX) })
    const parsed = readiness.safeParse(await response.json())
    // A start waits for all checks: a degraded part would affect the first buyer's order.
    if (parsed.data?.ready === true && parsed.data.degraded.length === 0) return { ready: true }
    if (!parsed.success) return { ready: false, detail: `status ${response.status}` }
    const failing = Object.entries(parsed.data.checks).filter(([, check]) => !check.ready)
    return { ready: false, detail: failing.map(([name, { detail }]) => `${name}: ${detail ?? 'not ready'}`).join('; ') }
  } catch {
    return { ready: false, detail: 'does not respond yet' }
  }
}

export interface ReadyTarget {
  readonly name: string
  readonly url: string
}

/** Resolves to nothing when all are ready, else to the state of each of the others after `withinMs`. */
export async function untilAllReady(
  targets: readonly ReadyTarget[],
  options: { readonly withinMs: number; readonly signal?: AbortSignal | undefined },
): Promise<readonly string[]> {
  const deadline = performance.now() + options.withinMs
  for (;;) {
    const responses = await Promise.all(targets.map(async ({ name, url }) => ({ name, ...(await askReadiness(url)) })))
    const waiting = responses.flatMap((each) => (each.ready ? [] : [`${each.name} ${each.detail}`]))
    if (waiting.length === 0 || performance.now() > deadline) return waiting
    await delay(POLL_MS, undefined, options.signal === undefined ? {} : { signal: options.signal })
  }
}
