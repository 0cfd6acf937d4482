import type { Readiness } from '@floodgate/contracts'
import type { Reply } from './messages.ts'

/**
 * One readiness out of all workers': ready when every worker answered and says so. A check keeps its name and is ready
 * when it is so in every worker; its detail names those where it is not. `workers` is a check of its own. Pure.
 */
export const mergeReadiness = (replies: readonly Reply<Readiness>[]): Readiness => {
  const answers = replies.flatMap(({ worker, body }) => (body === undefined ? [] : [{ worker, body }]))
  const names = new Set(answers.flatMap(({ body }) => Object.keys(body.checks)))
  const checks: Readiness['checks'] = { workers: checkOfWorkers(replies) }
  for (const name of names) {
    const results = answers.flatMap(({ worker, body }) => {
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
  return { ready: Object.values(checks).every(({ ready }) => ready), checks }
}

const checkOfWorkers = (replies: readonly Reply<Readiness>[]): Readiness['checks'][string] => {
  const missing = replies.filter(({ state }) => state !== 'answering')
  if (missing.length === 0) return { ready: true }
  const which = missing.map(({ worker, state }) => `worker ${worker} is ${state}`).join(', ')
  return { ready: false, detail: `${replies.length - missing.length} of ${replies.length} answer: ${which}` }
}
