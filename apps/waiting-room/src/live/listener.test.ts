import type { TicketStatus } from '@floodgate/contracts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Pace } from '../snapshot/poll-policy.ts'
import { isDue, isWaiting, type Listener, sendStatus } from './listener.ts'

let heard: TicketStatus[]
let listener: Listener
beforeEach(() => {
  heard = []
  const connection = {
    push: (message: string) => void heard.push(JSON.parse(message) as TicketStatus),
    close() {},
    probe() {},
  }
  const holder = { sale: 's', buyer: 'b', place: 5 }
  listener = { connection, holder, sentPosition: undefined, newestSnapshot: 0, sent: undefined }
})

const standing = { saleState: 'open', position: 5, etaSeconds: 10, pollAfterMs: 1_000, snapshot: 1 } as const
const waiting = (changed: Partial<Omit<Extract<TicketStatus, { state: 'waiting' }>, 'state'>> = {}): TicketStatus => ({
  state: 'waiting',
  ...standing,
  returners: 0,
  ...changed,
})
const admitted = (admission: string, snapshot: number): TicketStatus => ({
  state: 'admitted',
  ...standing,
  position: null,
  etaSeconds: null,
  snapshot,
  admission,
  expiresAt: '2026-01-01T00:00:00.000Z',
})

describe('a listener', () => {
  it('receives news, and no message twice', () => {
    sendStatus(listener, waiting())
    sendStatus(listener, waiting({ snapshot: 2, pollAfterMs: 900 }))
    sendStatus(listener, waiting({ snapshot: 3, position: 4 }))
    expect(heard.map(({ position }) => position)).toEqual([5, 4])
    expect(isWaiting(listener)).toBe(true)
  })
  it('shows a position worse by at most the number of returners', () => {
    sendStatus(listener, waiting({ position: 4 }))
    sendStatus(listener, waiting({ position: 6, snapshot: 2, etaSeconds: 12 }))
    sendStatus(listener, waiting({ position: 9, snapshot: 3, returners: 3 }))
    sendStatus(listener, waiting({ position: 8, snapshot: 4, returners: 9 }))
    expect(heard.map(({ position }) => position)).toEqual([4, 4, 7, 8])
  })
  it('that is admitted is not put back by an older status', () => {
    sendStatus(listener, waiting())
    sendStatus(listener, admitted('pass', 5))
    sendStatus(listener, waiting({ snapshot: 4 }))
    expect(heard.map(({ state }) => state)).toEqual(['waiting', 'admitted'])
    expect(isWaiting(listener)).toBe(false)
  })
  it('receives another admission', () => {
    sendStatus(listener, admitted('one', 2))
    sendStatus(listener, admitted('one', 3))
    sendStatus(listener, admitted('two', 4))
    expect(heard.map((status) => status.state === 'admitted' && status.admission)).toEqual(['one', 'two'])
  })
})

describe('a listener that waits', () => {
  const second = 1_000
  const counts = { joined: 0, waiting: 0, away: 0, active: 0, admitted: 0, returned: 0 }
  const snapshotAt = (number: number): Pace => ({
    ...{ publicState: 'open', admitPerSecond: 10, maxActive: 1_000, consumedIn10s: 100, openedAtMs: 0 },
    ...{ number, counts, window: 900, presentShare: 1 },
  })
  const toldAt = 100 * second
  beforeEach(() => sendStatus(listener, waiting({ snapshot: toldAt })))

  it.each([
    ['near its turn: with every sweep', 9, 1 * second, true],
    ['near its turn: not between two sweeps', 9, 0.4 * second, false],
    ['twenty seconds from its turn: not with the next sweep', 199, 1 * second, false],
    ['twenty seconds from its turn: every two seconds', 199, 2 * second, true],
    ['far away: not after four seconds', 10_000, 4 * second, false],
    ['far away: every five seconds, half a sweep early', 10_000, 4.6 * second, true],
    ['by a Redis whose clock is an hour behind', 9, -3_600 * second, true],
  ])('is due %s', (_, rank, laterMs, due) => {
    expect(isDue(listener, { snapshot: snapshotAt(toldAt + laterMs), rank })).toBe(due)
  })
  it.each([
    ['sold out', 'available', 'sold-out'],
    ['no longer sold out', 'sold-out', 'held'],
  ] as const)('is due at once when the sale is %s', (_, shown, supply) => {
    sendStatus(listener, waiting({ snapshot: toldAt, supply: shown }))
    expect(isDue(listener, { snapshot: { ...snapshotAt(toldAt + 1), supply }, rank: 10_000 })).toBe(true)
  })
  it('is due at once when the sale changes its state', () => {
    const snapshot: Pace = { ...snapshotAt(toldAt + 1), publicState: 'paused' }
    expect(isDue(listener, { snapshot, rank: 10_000 })).toBe(true)
  })
  it('is due within a second when something else is left of the sale, and not more often', () => {
    const later = (ms: number) => ({ ...snapshotAt(toldAt + ms), supply: 'held' as const })
    expect(isDue(listener, { snapshot: later(0.4 * second), rank: 10_000 })).toBe(false)
    expect(isDue(listener, { snapshot: later(second), rank: 10_000 })).toBe(true)
    sendStatus(listener, waiting({ snapshot: toldAt + second, supply: 'held' }))
    expect(heard.at(-1)).toMatchObject({ supply: 'held' })
    expect(isDue(listener, { snapshot: later(2 * second), rank: 10_000 })).toBe(false)
  })
  it('is not due again while its position is the same', () => {
    sendStatus(listener, waiting({ snapshot: toldAt + 5 * second }))
    expect(heard).toHaveLength(1)
    expect(isDue(listener, { snapshot: snapshotAt(toldAt + 6 * second), rank: 10_000 })).toBe(false)
  })
})
