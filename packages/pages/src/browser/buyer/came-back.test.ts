import type { OrderResource, TicketStatus } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import {
  after,
  insideStatus,
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
import { jobsOf } from './jobs.ts'
import { memoryOf } from './memory.ts'
import type { PageEvent } from './page-event.ts'

describe('a known browser', () => {
  const known = beginWith({ id: 'demo', name: 'Demo', state: 'open' }, {}, { isKnown: true })
  const looked = (status: PageEvent): PageEvent => ({
    kind: 'looked',
    status: status.kind === 'ticket' ? status.status : undefined,
  })
  const orders = (...found: readonly PageEvent[]): PageEvent => ({
    kind: 'orders',
    orders: found.map((each) => (each as Extract<PageEvent, { kind: 'order' }>).order as OrderResource),
    reader: 'ended-pass',
  })
  const bought = order({ status: 'confirmed', version: 2 })

  const forgotten = after(known, { kind: 'looked', status: undefined })

  it('asks the line and the order core before it joins, and joins at once when neither knows it', () => {
    expect(screenOf(known).kind).toBe('looking')
    expect(jobKinds(known)).toEqual(['look'])
    expect(screenOf(forgotten).kind).toBe('looking')
    expect(jobKinds(forgotten)).toEqual(['find-order'])
    expect(jobKinds(after(forgotten, orders()))).toEqual(['join'])
  })

  it('whose turn the line has forgotten shows its order, and joins only by a click', () => {
    const found = after(forgotten, orders(bought))
    expect(screenOf(found).kind).toBe('confirmed')
    expect(jobKinds(found)).not.toContain('join')
    expect(jobKinds(after(found, { kind: 'rejoin' }))).toEqual(['join'])
  })

  it('joins only by a click while its orders cannot be read, and by itself once there are none', () => {
    const late = after(forgotten, { kind: 'orders-late' })
    expect(screenOf(late).kind).toBe('may-join')
    expect(jobKinds(late)).toEqual(['watch-board', 'find-order'])
    expect(jobKinds(after(late, orders()))).toEqual(['join'])
    const withoutPass = after(forgotten, { kind: 'orders', orders: [], reader: undefined })
    expect(screenOf(withoutPass).kind).toBe('may-join')
    expect(jobKinds(withoutPass)).toEqual(['watch-board'])
    expect(jobKinds(after(withoutPass, { kind: 'rejoin' }))).toEqual(['join'])
  })

  it('joins only by a click when it comes from the page of an order, also after a reload', () => {
    const sale = { id: 'demo', name: 'Demo' }
    const fresh = beginWith(sale, {}, { joinsByClick: true })
    expect(screenOf(fresh).kind).toBe('may-join')
    expect(jobKinds(fresh)).toEqual(['watch-board'])
    const reloaded = after(
      beginWith(sale, memoryOf(fresh), { isKnown: true }),
      { kind: 'looked', status: undefined },
      orders(),
    )
    expect(screenOf(reloaded).kind).toBe('may-join')
    const clicked = after(reloaded, { kind: 'rejoin' })
    expect(jobKinds(clicked)).toEqual(['join'])
    expect(memoryOf(clicked).joinsByClick).toBe(false)
  })

  it('continues at its place in line without joining again', () => {
    const waiting = after(known, looked(ticket({ position: 12 })))
    expect(screenOf(waiting)).toMatchObject({ kind: 'waiting', position: 12 })
    expect(jobsOf(waiting)).toEqual([{ kind: 'follow-line', key: 'line ', ticket: undefined }])
  })

  it.each([
    ['finished', 'finished'],
    ['expired', 'admission-expired'],
    ['left', 'left'],
  ] as const)('whose turn is over (%s) never joins by itself, and shows its order or a button', (state, screen) => {
    const over = after(known, looked(ticket({ state, position: null })))
    expect(screenOf(over).kind).toBe('looking')
    expect(jobKinds(over)).toEqual(['find-order'])
    expect(screenOf(after(over, { kind: 'orders-late' })).kind, 'the order core is away').toBe(screen)
    const none = after(over, orders())
    expect(screenOf(none).kind).toBe(screen)
    expect(jobKinds(none)).toEqual(['watch-board'])
    const found = after(over, orders(bought))
    expect(screenOf(found).kind).toBe('confirmed')
    expect(jobsOf(found)).toContainEqual({
      kind: 'follow-order',
      key: 'order o1 ended-pass',
      order: 'o1',
      bearer: 'ended-pass',
    })
    expect(jobKinds(after(found, { kind: 'rejoin' }))).toEqual(['join'])
  })

  it('shows its order also when the sale is closed', () => {
    const { problem } = rejected('sale-closed')
    const closed = after(forgotten, orders(), { kind: 'join-rejected', problem })
    expect(jobKinds(closed)).toContain('find-order')
    expect(screenOf(after(closed, orders(bought))).kind).toBe('confirmed')
    expect(screenOf(after(closed, orders())).kind).toBe('closed')
  })

  it('shows in a second tab what this very turn has ordered, and the form when it has not', () => {
    const pass = `x.${btoa(JSON.stringify({ iat: now / 1_000 }))}.y`
    const inside = after(known, looked(ticket({ ...insideStatus, admission: pass } as Partial<TicketStatus>)))
    expect(screenOf(after(inside, orders(bought))).kind).toBe('confirmed')
    const before = order({ status: 'confirmed', version: 2, createdAt: '2030-01-01T11:00:00.000Z' })
    expect(screenOf(after(inside, orders(before))).kind).toBe('your-turn')
    expect(screenOf(after(inside, orders())).kind).toBe('your-turn')
  })

  it('asks again when its order can no longer be read, and after a ticket that the line does not know', () => {
    const lost = after(known, looked(ticket({ state: 'finished' })), orders(bought), { kind: 'order-lost' })
    expect(jobKinds(lost)).toEqual(['look'])
    const { problem } = rejected('ticket-invalid')
    expect(jobKinds(after(start, joined, { kind: 'ticket-rejected', problem }))).toEqual(['look'])
  })

  it('forgets at a reload an order that it has no admission for, and asks again', () => {
    const found = after(known, looked(ticket({ state: 'finished' })), orders(bought))
    const reloaded = beginWith({ id: 'demo', name: 'Demo' }, memoryOf(found), { isKnown: true })
    expect(jobKinds(reloaded)).toEqual(['look'])
  })
})
