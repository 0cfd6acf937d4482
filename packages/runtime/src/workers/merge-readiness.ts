import type { Readiness } from '@floodgate/contracts'
import type { Reply } from './messages.ts'

/** Returns the names of the checks that are not ready. */
export function failingOf(checks: Readiness['checks']): string[] {
  return Object.entries(checks).flatMap(([name, { ready }]) => (ready ? [] : [name]))
}

/**
 * Merges the readiness of all workers. Ready when at least one worker is, because the port serves with the others:
 * removing all of them because one died would be an outage. A check keeps its name and is ready when it is ready in
 * every worker; its detail names the workers where it is not. `workers` is an additional check. Pure.
 */
export function mergeReadiness(replies: readonly Reply<Readiness>[]): Readiness {
  const received = replies.flatMap(({ worker, body }) => (body === undefined ? [] : [{ worker, body }]))
  const names = new Set(received.flatMap(({ body }) => Object.keys(body.checks)))
  const checks: Readiness['checks'] = { workers: checkOfWorkers(replies) }
  for (const name of names) {
    const results = received.flatMap(({ worker, body }) => {
      const result = body.checks[name]
      return result === undefined ? [] : [{ worker, ...result }]
    })
    const words = results
      .filter(({ ready, detail }) => !ready || detail !== undefined)
      .map(({ worker, detail }) => `worker ${worker}: ${detail ?? 'not ready'}`)
    checks[name] = {
      ready: results.every(({ ready }) => ready),
      ...(words.length === 0 ? {} : { detail: words.join('; ') }),
    }
  }
  const ready = received.some(({ body }) => body.ready)
  const reported = new Set(received.flatMap(({ body }) => body.degraded))
  const degraded = failingOf(checks).filter((name) => ready || name === 'workers' || reported.has(name))
  return { ready, degraded, checks }
}

const checkOfWorkers = (replies: readonly Reply<Readiness>[]): Readiness['checks'][string] => {
  const missing = replies.filter(({ state }) => state !== 'answering')
  if (missing.length === 0) return { ready: true }
  const which = missing.map(({ worker, state }) => `worker ${worker} is ${state}`).join(', ')
  return { ready: false, detail: `${replies.length - missing.length} of ${replies.length} respond: ${which}` }
}
