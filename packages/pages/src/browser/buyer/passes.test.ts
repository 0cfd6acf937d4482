import type { TicketStatus } from '@floodgate/contracts'
import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import {
  admitted,
  after,
  buy,
  catalogueOf,
  draft,
  insideStatus,
  jobKinds,
  joined,
  now,
  rejected,
  screenOf,
  start,
  ticket,
} from '../../testing/buyer-page.ts'
import { jobsOf } from './jobs.ts'
import type { Model } from './model.ts'
import type { PageEvent } from './page-event.ts'
import { problemText } from './problem-texts.ts'

const placing = after(start, joined, admitted, catalogueOf([{}]), buy)
const notTaken = (code: 'admission-invalid' | 'admission-expired' | 'admission-missing', pass = 'pass'): PageEvent => ({
  ...(rejected(code, { status: 401 }) as Extract<PageEvent, { kind: 'order-rejected' }>),
  pass,
})
const checked = (changes: Partial<TicketStatus> = {}, at = now): PageEvent => {
  const { status } = ticket({ ...insideStatus, ...changes }) as Extract<PageEvent, { kind: 'ticket' }>
  return { kind: 'pass-checked', status, at }
}
const sends = (model: Model) =>
  jobsOf(model).flatMap((job) => (job.kind === 'place-order' ? [[job.key, job.admission, job.later]] : []))

describe('an admission that the order core rejects', () => {
  it.each(['admission-invalid', 'admission-expired', 'admission-missing'] as const)(
    '(%s) does not end the turn: the line is asked first, and nothing is sent meanwhile',
    (code) => {
      const asking = after(placing, notTaken(code))
      expect(screenOf(asking).kind).toBe('placing')
      expect(jobKinds(asking)).toEqual(['follow-line', 'check-pass'])
      expect(asking.checkout).toMatchObject({ draft, key: 'k1' })
    },
  )

  it('is sent once more, the same one after a pause, another one at once', () => {
    const invalid = after(placing, notTaken('admission-invalid'))
    expect(sends(after(invalid, checked()))).toEqual([['place k1 1', 'pass', true]])
    const renewed = { admission: 'another' } as Partial<TicketStatus>
    expect(sends(after(invalid, checked(renewed)))).toEqual([['place k1 1', 'another', false]])
    // The turn was extended in another window, and this one did not know.
    const expired = after(placing, notTaken('admission-expired'), checked(renewed))
    expect(sends(expired)).toEqual([['place k1 1', 'another', false]])
    // The line reported it while the order was being sent.
    const told = after(placing, ticket({ ...insideStatus, ...renewed, snapshot: 10 }), notTaken('admission-expired'))
    expect(sends(after(told, checked({ ...renewed, snapshot: 11 })))).toEqual([['place k1 1', 'another', false]])
  })

  it('returns the order to the buyer after the second rejection, with the turn’s time and without "run out"', () => {
    const given = after(placing, notTaken('admission-invalid'), checked(), notTaken('admission-invalid'))
    expect(sends(given)).toEqual([])
    const screen = screenOf(given)
    expect(screen).toMatchObject({ kind: 'your-turn', secondsLeft: 300, draft })
    if (screen.kind !== 'your-turn' || screen.problem === undefined || screen.catalogue === undefined)
      throw new Error(screen.kind)
    expect(problemText(screen.problem, { catalogue: screen.catalogue, lines: [] }, english)).toContain(
      'could not check',
    )
    // A press starts fresh.
    expect(sends(after(given, { ...buy, key: 'k2' }))).toEqual([['place k2', 'pass', false]])
  })

  it('that is too old only by the order core’s clock is not sent again', () => {
    const apart = after(placing, notTaken('admission-expired'), checked())
    expect(sends(apart)).toEqual([])
    expect(screenOf(apart)).toMatchObject({ kind: 'your-turn', problem: { code: 'admission-expired' } })
  })

  it('ends the turn where the line confirms it, and the orders are looked up', () => {
    const rejectedAdmission = after(placing, notTaken('admission-expired'))
    const over = after(rejectedAdmission, checked({ state: 'expired', position: null } as Partial<TicketStatus>))
    expect(jobKinds(over)).toContain('find-order')
    const none = { kind: 'orders', orders: [], reader: undefined } as const
    expect(screenOf(after(over, none))).toEqual({ kind: 'admission-expired', again: 'yes' })
    const late = after(rejectedAdmission, checked({}, now + 300_000))
    expect(screenOf(after(late, none), now + 300_000).kind).toBe('admission-expired')
    expect(jobKinds(after(rejectedAdmission, { kind: 'pass-checked', status: undefined, at: now }))).toEqual(['look'])
  })
})
