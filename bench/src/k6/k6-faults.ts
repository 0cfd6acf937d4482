import { type FaultCheck, faults } from '../report/faults.ts'
import type { K6Report } from './run-k6.ts'

/** Lists the faults that the users of a run saw, as sentences: any of them voids the run. Pure. */
export function k6Faults(
  summary: K6Report,
  {
    iterations,
    small = false,
  }: {
    /** The required number of users or arrivals; not checked without. */
    readonly iterations?: number
    /** In a small run only counts decide: a slow machine may drop arrivals, since the few users are all busy. */
    readonly small?: boolean
  } = {},
): string[] {
  const { dropped, count, checks } = summary
  const found = faults([
    [dropped > 0 && !small, `${dropped} arrivals were dropped: the load was not what it should have been`],
    [
      iterations !== undefined && summary.iterations !== iterations,
      `${summary.iterations} of ${iterations} users finished`,
    ],
    [count('unanswered') > 0, `${count('unanswered')} requests got no response`],
    [count('server_errors') > 0, `${count('server_errors')} responses were 5xx`],
    ...checks.map(({ name, fails }): FaultCheck => [fails > 0, `the check "${name}" failed ${fails} times`]),
    ...['lost', 'refused', 'pending'].map((outcome): FaultCheck => {
      const visits = count(`visits_${outcome}`)
      return [visits > 0, `${visits} visits ended as ${outcome}`]
    }),
    [summary.all.count === 0, 'no request was made'],
  ])
  return found.length === 0 ? [] : [...found, ...summary.complaints]
}
