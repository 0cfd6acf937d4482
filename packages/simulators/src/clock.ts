/** A clock that tests move forward, so that sessions expire and webhooks are sent again without waiting. */
export interface Clock {
  nowMs(): number
  advance(seconds: number): void
}

export function createClock(): Clock {
  let aheadMs = 0
  return {
    nowMs: () => Date.now() + aheadMs,
    advance: (seconds) => {
      aheadMs += seconds * 1_000
    },
  }
}
