import type { SecondCount } from '@floodgate/crowd'

/** Over so many seconds … */
const WINDOW_SECONDS = 10
/** … more than this share of the answers failed … */
const FAILED_SHARE_MAX = 0.05
/** … and not just one of a few. */
const FAILURES_MIN = 10

/** Whether so many of the last answers failed that going on would only do harm. Pure. */
export function isTripped(seconds: readonly Readonly<SecondCount>[]): boolean {
  const recent = seconds.slice(-WINDOW_SECONDS)
  const answers = recent.reduce((sum, second) => sum + second.answers, 0)
  const failures = recent.reduce((sum, second) => sum + second.failures, 0)
  return failures >= FAILURES_MIN && failures > FAILED_SHARE_MAX * answers
}
