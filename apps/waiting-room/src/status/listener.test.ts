import type { TicketStatus } from '@floodgate/contracts'
import { beforeEach, describe, expect, it } from 'vitest'
import { isWaiting, type Listener, tell } from './listener.ts'

let heard: TicketStatus[]
let listener: Listener
beforeEach(() => {
  heard = []
  const connection = { push: (message: string) => void heard.push(JSON.parse(message) as TicketStatus), close() {} }
  const bearer = { sale: 's', buyer: 'b', place: 5 }
  listener = { connection, bearer, best: Number.POSITIVE_INFINITY, newest: 0, shown: undefined }
})

const standing = { saleState: 'open', position: 5, etaSeconds: 10, pollAfterMs: 1_000, snapshot: 1 } as const
const waiting = (changed: Partial<Omit<TicketStatus, 'state'>> = {}): TicketStatus => ({
  state: 'waiting',
  ...standing,
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
  it('is told what is new, and not what it was told', () => {
    tell(listener, waiting())
    tell(listener, waiting({ snapshot: 2, pollAfterMs: 900 }))
    tell(listener, waiting({ snapshot: 3, position: 4 }))
    expect(heard.map(({ position }) => position)).toEqual([5, 4])
    expect(isWaiting(listener)).toBe(true)
  })
  it('is never shown a worse position', () => {
    tell(listener, waiting({ position: 4 }))
    tell(listener, waiting({ position: 6, snapshot: 2, etaSeconds: 12 }))
    expect(heard.map(({ position }) => position)).toEqual([4, 4])
  })
  it('that is inside is not sent back by an older answer', () => {
    tell(listener, waiting())
    tell(listener, admitted('pass', 5))
    tell(listener, waiting({ snapshot: 4 }))
    expect(heard.map(({ state }) => state)).toEqual(['waiting', 'admitted'])
    expect(isWaiting(listener)).toBe(false)
  })
  it('hears of another admission', () => {
    tell(listener, admitted('one', 2))
    tell(listener, admitted('one', 3))
    tell(listener, admitted('two', 4))
    expect(heard.map((status) => status.state === 'admitted' && status.admission)).toEqual(['one', 'two'])
  })
})
