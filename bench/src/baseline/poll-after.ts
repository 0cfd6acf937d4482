import * as policy from '../../../apps/waiting-room/src/snapshot/poll-policy.ts'

/** Returns the pace of a full line at this rate, with all buyers present. */
export function paceAt(rate: number): policy.Pace {
  return {
    ...{ publicState: 'open', admitPerSecond: rate, maxActive: 1_000_000, consumedIn10s: rate * 10, presentShare: 1 },
    ...{ window: policy.windowPlaces(rate), openedAtMs: 0, number: 60_000 },
    counts: { joined: 0, waiting: 0, away: 0, active: 0, admitted: 0, returned: 0 },
  }
}

/** Returns the interval that the waiting room gives a buyer with `rank` others ahead, at this rate, jittered. */
export function pollAfterMs(rank: number, rate: number): number {
  return policy.pollAfterMs(paceAt(rate), rank, Math.random())
}

/** Returns the interval at which it pushes a position to a socket. */
export function tellAfterMs(rank: number, rate: number): number {
  return policy.pushAfterMs(paceAt(rate), rank)
}
