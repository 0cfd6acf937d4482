import { type FaultCheck, faults } from '../report/faults.ts'
import type { K6Report } from './run-k6.ts'

/** Lists the faults of a run as its users saw it, as sentences: any of them voids it. Pure. */
export function k6Faults(
  summary: K6Report,
  {
    iterations,
    small = false,
  }: {
    /** The required number of users or arrivals; not checked without. */
    readonly iterations?: number
    /** Only counts decide then: a slow machine may drop arrivals of a small run, as its few users are all busy. */
    readonly small?: boolean
  } = {},
): string[] {
  const { dropped, count, checks } = summary
  const found = faults([
    [dropped > 0 && !small, `${dropped} arrivals were dropped: the load was not what it should have been`],
    [
      iterations !== undefined && summary.iterations !== iterations,
      `${summary.iterations} of ${iterations} users came to their end`,
    ],
    [count('unanswered') > 0, `${count('unanswered')} requests had no answer`],
    [count('server_errors') > 0, `${count('server_errors')} answers were 5xx`],
    ...checks.map(({ name, fails }): FaultCheck => [fails > 0, `the check "${name}" failed ${fails} times`]),
    ...['lost', 'refused', 'pending'].map((outcome): FaultCheck => {
      const visits = count(`visits_${outcome}`)
      return [visits > 0, `${visits} visits ended as ${outcome}`]
    }),
    [summary.all.count === 0, 'there was no request'],
  ])
  return found.length === 0 ? [] : [...found, ...summary.complaints]
}
