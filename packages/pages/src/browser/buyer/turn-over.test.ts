import type { OrderResource } from '@floodgate/contracts'
import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import {
  admitted,
  after,
  boardOf,
  buy,
  catalogueOf,
  jobKinds,
  joined,
  now,
  order,
  rejected,
  screenOf,
  start,
  ticket,
} from '../../testing/buyer-page.ts'
import { beginWith } from './begin.ts'
import type { Model } from './model.ts'
import { textOf } from './texts.ts'

const placing = after(start, joined, admitted, catalogueOf([{}]), buy)
const wordsOf = (model: Model, at = now) => {
  const { title, lines } = textOf(screenOf(model, at), english)
  return [title, ...lines].join(' ')
}

describe('a turn without further attempts', () => {
  it('ends with the last declined card, and not because of its time', () => {
    const last = after(placing, order({ status: 'cancelled', cancelReason: 'declined-final', version: 2 }))
    expect(wordsOf(last)).toContain('your last attempt')
    expect(wordsOf(last)).not.toContain('run out')
    expect(wordsOf(after(placing, order({ status: 'cancelled', cancelReason: 'declined' })), now + 300_000)).toContain(
      'your time to buy has run out',
    )
  })

  it('has a screen of its own where the form was still open, not a form that cannot order', () => {
    const over = after(placing, rejected('too-many-declined'))
    expect(screenOf(over)).toEqual({ kind: 'turn-over', why: 'tries-used', again: 'yes' })
    expect(wordsOf(over)).not.toContain('run out')
    expect(jobKinds(over)).not.toContain('follow-line')
    expect(jobKinds(after(over, { kind: 'rejoin' }))).toEqual(['join'])
  })

  it('was given back in another window: nothing was ordered, and the buyer can join', () => {
    expect(screenOf(after(placing, rejected('admission-revoked', { status: 401 })))).toEqual({
      kind: 'turn-over',
      why: 'given-back',
      again: 'yes',
    })
  })

  it('given back after a declined card is not shown as run out', () => {
    const declined = after(placing, order({ status: 'cancelled', cancelReason: 'declined', version: 2 }))
    const left = after(declined, ticket({ state: 'left', position: null }))
    expect(wordsOf(left)).toContain('your turn is over')
    expect(wordsOf(left)).not.toContain('run out')
  })
})

describe('a turn without items', () => {
  const inside = after(start, joined, admitted)
  const missing = after(inside, { kind: 'no-goods', at: now }, { kind: 'no-goods', at: now + 2_000 })

  it('is reported after a moment, with the time of the turn, and the page keeps asking', () => {
    expect(screenOf(missing, now + 2_000).kind).toBe('your-turn')
    expect(screenOf(missing, now + 3_000)).toEqual({ kind: 'no-goods', secondsLeft: 297 })
    expect(jobKinds(missing)).toContain('watch-catalogue')
    expect(screenOf(missing, now + 300_000).kind).toBe('admission-expired')
  })

  it('shows the items once there are some, and reports an unavailable order core as such', () => {
    expect(screenOf(after(missing, catalogueOf([{}])), now + 9_000).kind).toBe('your-turn')
    const away = after(missing, { kind: 'till', up: false, at: now + 3_000 })
    expect(screenOf(away, now + 9_000)).toMatchObject({ kind: 'core-down', placing: false })
    expect(screenOf(after(away, { kind: 'no-goods', at: now + 9_000 }), now + 9_000).kind).toBe('no-goods')
  })
})

describe('whether the line can be joined again', () => {
  const ended = (changes: Partial<OrderResource>, model = placing) => after(model, order({ version: 2, ...changes }))
  const JOIN = 'You can rejoin'
  const CLOSED = 'you can no longer join'
  const endings: readonly Partial<OrderResource>[] = [
    ...(['declined-final', 'expired', 'by-buyer', 'by-operator'] as const).map((cancelReason) => ({
      status: 'cancelled' as const,
      cancelReason,
    })),
    { status: 'confirmed' },
    { status: 'refund_pending' },
    { status: 'refunded' },
  ]

  it.each(endings)('is the same after every order, and follows the sale: $status $cancelReason', (changes) => {
    const model = ended(changes)
    expect(screenOf(model)).toMatchObject({ again: 'yes' })
    expect(jobKinds(model)).toContain('watch-board')
    const closed = after(model, boardOf('closed'))
    expect(screenOf(closed)).toMatchObject({ again: 'no' })
    expect(wordsOf(closed)).not.toContain(JOIN)
    expect(screenOf(after(closed, boardOf('open')))).toMatchObject({ again: 'yes' })
  })

  it('is shown after a turn that is over, whatever was ordered in it', () => {
    for (const cancelReason of ['declined', 'abandoned'] as const) {
      const model = ended({ status: 'cancelled', cancelReason })
      expect(wordsOf(model, now + 300_000)).toContain(JOIN)
      expect(wordsOf(after(model, boardOf('closed')), now + 300_000)).toContain(CLOSED)
    }
  })

  it('is unknown on a page without data of the sale, before its board arrives', () => {
    const page = beginWith({ id: 'demo', name: 'Demo' }, {}, { page: 'order' })
    const lapsed = ended({ status: 'cancelled', cancelReason: 'expired' }, page)
    expect(screenOf(lapsed)).toMatchObject({ kind: 'hold-lapsed', again: 'unknown' })
    expect(wordsOf(lapsed)).not.toContain('join')
    expect(wordsOf(after(lapsed, boardOf('open')))).toContain(JOIN)
    expect(wordsOf(after(lapsed, boardOf('closed')))).toContain(CLOSED)
    const final = ended({ status: 'cancelled', cancelReason: 'declined-final' }, page)
    expect(screenOf(final)).toMatchObject({ secondsLeft: null })
  })

  it('is no where the page asks before it joins, too', () => {
    const fresh = beginWith({ id: 'demo', name: 'Demo', state: 'closed' }, {}, { joinsByClick: true })
    expect(wordsOf(fresh)).toContain(CLOSED)
    expect(wordsOf(fresh)).not.toContain('Do you want to buy')
  })
})
