import { expect, it } from 'vitest'
import * as policy from '../../../apps/waiting-room/src/status/poll-policy.ts'
import { pollAfterMs, tellAfterMs } from './poll-after.ts'

const paceAt = (rate: number): policy.Pace => ({
  ...{ publicState: 'open', admitPerSecond: rate, maxActive: 1_000_000, consumedIn10s: rate * 10 },
  ...{ openedAtMs: 0, number: 60_000 },
  counts: { joined: 0, waiting: 0, away: 0, active: 0, admitted: 0, returned: 0 },
})
const ranks = [0, 9, 49, 50, 120, 299, 301, 999, 5_000, 90_000]

it.each([1, 10, 300])('at %i per second the twin tells waiters what the waiting room would', (rate) => {
  for (const rank of ranks) {
    const longest = policy.pollAfterMs(paceAt(rate), rank, 0)
    const told = pollAfterMs(rank, rate)
    expect(told).toBeLessThanOrEqual(longest)
    expect(told).toBeGreaterThanOrEqual(Math.floor(longest * 0.85))
    expect(Math.round(tellAfterMs(rank, rate))).toBe(policy.tellAfterMs(paceAt(rate), rank))
  }
})
