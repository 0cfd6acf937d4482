import type { SecondCount } from '@floodgate/crowd'

/** The breaker's window. */
const WINDOW_SECONDS = 10
/** The failure rate that trips the breaker. */
const FAILED_SHARE_MAX = 0.05
/** The fewest failures that trip the breaker. */
const FAILURES_MIN = 10

/** Tells whether so many recent responses failed that more load would only do harm. Pure. */
export function isTripped(seconds: readonly Readonly<SecondCount>[]): boolean {
  const recent = seconds.slice(-WINDOW_SECONDS)
  const responses = recent.reduce((sum, second) => sum + second.responses, 0)
  const failures = recent.reduce((sum, second) => sum + second.failures, 0)
  return failures >= FAILURES_MIN && failures > FAILED_SHARE_MAX * responses
}
