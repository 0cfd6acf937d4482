import type { K6Report } from './run-k6.ts'

/** What is wrong with a run as its users saw it, in sentences: any of them voids it. Pure. */
export function judgeK6(
  summary: K6Report,
  {
    iterations,
    small = false,
  }: {
    /** How many users or arrivals there must have been; nothing is said without. */
    readonly iterations?: number
    /** Only counts decide then: a slow machine may drop arrivals of a small run, as its few users are all busy. */
    readonly small?: boolean
  } = {},
): string[] {
  const { dropped, count, checks } = summary
  const faults: string[] = []
  if (dropped > 0 && !small) faults.push(`${dropped} arrivals were dropped: the load was not what it should have been`)
  if (iterations !== undefined && summary.iterations !== iterations)
    faults.push(`${summary.iterations} of ${iterations} users came to their end`)
  if (count('unanswered') > 0) faults.push(`${count('unanswered')} requests had no answer`)
  if (count('server_errors') > 0) faults.push(`${count('server_errors')} answers were 5xx`)
  for (const { name, fails } of checks) if (fails > 0) faults.push(`the check "${name}" failed ${fails} times`)
  for (const outcome of ['lost', 'refused', 'pending'])
    if (count(`visits_${outcome}`) > 0) faults.push(`${count(`visits_${outcome}`)} visits ended as ${outcome}`)
  if (summary.all.count === 0) faults.push('there was no request')
  return faults.length === 0 ? [] : [...faults, ...summary.complaints]
}
