import type { TicketStatus } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import {
  after,
  buy,
  catalogueOf,
  insideStatus,
  joined,
  now,
  order,
  rejected,
  ticket,
} from '../../testing/buyer-page.ts'
import { beginWith } from './begin.ts'
import { jobsOf } from './jobs.ts'
import { memoryOf } from './memory.ts'
import type { Model } from './model.ts'
import { warnSeconds } from './more-time.ts'
import type { PageEvent } from './page-event.ts'
import { viewOf } from './view-state.ts'

const SECOND_MS = 1_000
const passOf = (slot: string, more = '') => `head.${btoa(JSON.stringify({ jti: slot, more }))}.signature`
const inside = (expiresInSeconds: number, extensions?: { taken: number; remaining: number }, admission = passOf('s')) =>
  ({
    ...insideStatus,
    ...{ saleState: 'open', etaSeconds: null, pollAfterMs: 500, admission },
    expiresAt: new Date(now + expiresInSeconds * SECOND_MS).toISOString(),
    ...(extensions === undefined ? {} : { extensions: { ...extensions, seconds: 60 } }),
  }) satisfies TicketStatus
const turn = (...of: Parameters<typeof inside>): Model => {
  const begin = beginWith({ id: 'demo', name: 'Demo', state: 'open', turnSeconds: 300 }, {})
  return after(begin, joined, ticket(inside(...of)), catalogueOf([{}]))
}
const timeOf = (model: Model, afterSeconds = 0) => viewOf(model, now + afterSeconds * SECOND_MS).time
const ask: PageEvent = { kind: 'ask-more-time' }
const extended = (...of: Parameters<typeof inside>): PageEvent => ({ kind: 'extended', status: inside(...of) })
const notExtended = (code: 'turn-has-order' | 'extensions-used'): PageEvent => ({
  ...rejected(code),
  kind: 'not-extended',
})
const asked = (model: Model) => jobsOf(model).filter(({ kind }) => kind === 'extend')

it.each([
  [300, 60],
  [180, 60],
  [120, 40],
  // The buyer has at least 20 s to respond.
  [45, 20],
  [10, 20],
  [undefined, 60],
])('a turn of %s s gets a warning %d s before its end', (turnSeconds, seconds) => {
  expect(warnSeconds(turnSeconds)).toBe(seconds)
})

describe('the admission of an extended turn', () => {
  it('is kept when the orders that were requested with the earlier one arrive', () => {
    const longer = extended(90, { taken: 1, remaining: 1 }, passOf('s', 'longer'))
    const model = after(turn(30, { taken: 0, remaining: 2 }), longer, {
      ...{ kind: 'orders', orders: [], reader: passOf('s') },
    })
    expect(jobsOf(after(model, buy))).toContainEqual(
      expect.objectContaining({ kind: 'place-order', admission: passOf('s', 'longer') }),
    )
    const expired = after(turn(30), { kind: 'orders', orders: [], reader: passOf('ended-1') })
    expect(expired.admission, 'an admission that is too old to read with').toBeUndefined()
  })
})

describe('the end of a turn', () => {
  it('has a warning from a minute before, with a button as long as more time is available', () => {
    const model = turn(300, { taken: 0, remaining: 2 })
    expect(timeOf(model, 239)).toBeUndefined()
    expect(timeOf(model, 240)).toEqual({ kind: 'warning', secondsLeft: 60, canAsk: true })
    expect(timeOf(model, 300)).toBeUndefined()
    expect(timeOf(turn(30, { taken: 2, remaining: 0 }))).toEqual({ kind: 'warning', secondsLeft: 30, canAsk: false })
    expect(timeOf(turn(30)), 'an older process').toMatchObject({ canAsk: false })
  })

  it('has no warning where an order is sent, or placed', () => {
    const model = turn(30, { taken: 0, remaining: 2 })
    expect(timeOf(after(model, buy))).toBeUndefined()
    for (const status of ['pending', 'confirmed'] as const)
      expect(timeOf(after(model, buy, order({ status })))).toBeUndefined()
    const declined = order({ status: 'cancelled', cancelReason: 'declined' })
    expect(timeOf(after(model, buy, declined)), 'another card').toMatchObject({ kind: 'warning', canAsk: true })
  })

  it('is extended once per request, and the response states the extension', () => {
    const model = after(turn(30, { taken: 0, remaining: 2 }), ask, ask)
    expect(timeOf(model)).toEqual({ kind: 'asking', secondsLeft: 30 })
    expect(asked(model)).toEqual([{ kind: 'extend', key: 'extend 1', number: 1, ticket: 't1' }])
    // A poll returned meanwhile, also for another tab that requested the same one.
    expect(asked(after(model, ticket(inside(90, { taken: 1, remaining: 1 }))))).toEqual(asked(model))
    const longer = after(model, extended(90, { taken: 1, remaining: 1 }))
    expect(timeOf(longer)).toEqual({ kind: 'given', seconds: 60, remaining: 1 })
    expect(asked(longer)).toEqual([])
    expect(timeOf(longer, 30), 'the next warning').toEqual({ kind: 'warning', secondsLeft: 60, canAsk: true })
    expect(asked(after(longer, ask))).toMatchObject([{ number: 2 }])
  })

  it('that cannot be extended is reported as such', () => {
    const model = after(turn(30, { taken: 1, remaining: 1 }), ask)
    expect(timeOf(after(model, notExtended('extensions-used')))).toEqual({
      ...{ kind: 'rejected', secondsLeft: 30, hasOrder: false },
    })
    expect(timeOf(after(model, notExtended('turn-has-order')))).toMatchObject({ hasOrder: true })
    expect(asked(after(model, notExtended('extensions-used')))).toEqual([])
  })

  it('does not move closer by a process that does not know the extension', () => {
    const longer = after(
      turn(30, { taken: 0, remaining: 2 }),
      ask,
      extended(90, { taken: 1, remaining: 1 }, passOf('s', 'l')),
    )
    const told = after(
      longer,
      ticket(inside(30, undefined, passOf('s'))),
      ticket(inside(30, { taken: 0, remaining: 2 })),
    )
    expect(told.line).toEqual(longer.line)
    expect(memoryOf(told).admission).toBe(passOf('s', 'l'))
    expect(asked(after(told, ask)), 'it counts on').toMatchObject([{ number: 2 }])
    const another = after(longer, ticket(inside(30, { taken: 0, remaining: 2 }, passOf('another'))))
    expect(another.line).toMatchObject({ extensions: { taken: 0 } })
  })

  it('shows the whole extension when an older process omits the count', () => {
    const longer = after(turn(30, { taken: 0, remaining: 2 }), ask, extended(90, { taken: 1, remaining: 1 }))
    const told = after(longer, ticket(inside(90)))
    expect(timeOf(told)).toEqual({ kind: 'given', seconds: 60, remaining: 1 })
    expect(timeOf(told, 30)).toMatchObject({ canAsk: true })
  })

  it('may be extended again once the order that prevented it is declined', () => {
    const model = after(turn(30, { taken: 0, remaining: 2 }), ask, buy, notExtended('turn-has-order'))
    const declined = after(model, order({ status: 'cancelled', cancelReason: 'declined' }))
    expect(timeOf(declined)).toMatchObject({ kind: 'warning', canAsk: true })
    expect(asked(after(declined, ask))).toMatchObject([{ number: 1 }])
  })

  it('of another turn has neither the rejection nor the request of this one', () => {
    for (const news of [[ask], [ask, notExtended('extensions-used')]]) {
      const model = after(turn(30, { taken: 2, remaining: 1 }), ...news)
      const next = after(model, ticket(inside(30, { taken: 0, remaining: 2 }, passOf('another'))))
      expect(timeOf(next)).toMatchObject({ kind: 'warning', canAsk: true })
      expect(asked(next)).toEqual([])
    }
  })

  it('of a turn given back is not shown, and the next turn starts fresh', () => {
    const model = after(turn(30, { taken: 0, remaining: 2 }), ask, { kind: 'rejoin' })
    expect(asked(model)).toEqual([])
    const next = after(model, joined, ticket(inside(30, { taken: 0, remaining: 2 }, passOf('another'))))
    expect(timeOf(after(next, catalogueOf([{}])))).toMatchObject({ kind: 'warning' })
  })
})
