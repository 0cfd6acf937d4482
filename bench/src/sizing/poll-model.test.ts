import { expect, it } from 'vitest'
import { askedWindow, frontWindow, pollAfterMs } from '../../../apps/waiting-room/src/status/poll-policy.ts'
import { pollsOf } from './poll-model.ts'

const paceAt = (rate: number) => ({
  ...{ publicState: 'open' as const, admitPerSecond: rate, maxActive: 1_000_000, consumedIn10s: 10 * rate },
  ...{ openedAtMs: 0, number: 60_000 },
  counts: { joined: 0, waiting: 0, away: 0, active: 0, admitted: 0, returned: 0 },
})

it.each([
  [500, 10],
  [20_000, 50],
  [60_000, 300],
])('%i waiters at %i per second ask as often as the waiting room tells them to', (waiters, rate) => {
  const pace = paceAt(rate)
  const [asked, window] = [askedWindow(pace), frontWindow(pace)]
  let [head, front, behind] = [0, 0, 0]
  for (let rank = 0; rank < waiters; rank += 1) {
    // Ten kinds of luck, evenly.
    for (let luck = 0.05; luck < 1; luck += 0.1) {
      const perSecond = 1_000 / pollAfterMs(pace, rank, luck) / 10
      if (rank < asked) head += perSecond
      else if (rank <= window) front += perSecond
      else behind += perSecond
    }
  }
  const polls = pollsOf(waiters, rate)
  expect(polls.askedPerSecond / head).toBeCloseTo(1, 1)
  expect(polls.windowPerSecond / front).toBeCloseTo(1, 1)
  expect(polls.behindPerSecond / behind).toBeCloseTo(1, 1)
})
