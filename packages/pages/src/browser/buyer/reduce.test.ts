import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import {
  admitted,
  after,
  boardOf,
  buy,
  draft,
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
import type { Model } from './model.ts'
import type { PageEvent } from './page-event.ts'
import { textOf } from './texts.ts'
import { viewOf } from './view-state.ts'

describe('a sale that is closed', () => {
  const closed = after(start, joined, ticket({ state: 'closed', saleState: 'closed', position: null }))

  it('is watched slowly, and continues with its ticket when it is reopened', () => {
    expect(screenOf(closed).kind).toBe('closed')
    expect(jobsOf(closed)).toEqual([{ kind: 'watch-board', key: 'closed', pace: 'slow' }])
    expect(after(closed, boardOf('closed'))).toMatchObject({ line: { kind: 'closed' } })
    const again = after(closed, boardOf('open'))
    expect(again).toMatchObject({ ticket: 't1', line: { kind: 'waiting', position: null } })
    expect(jobKinds(again)).toEqual(['follow-line'])
    expect(screenOf(after(again, ticket({ position: 12 })))).toMatchObject({ kind: 'waiting', position: 12 })
  })

  it('is joined on reopening by a buyer who came too late', () => {
    const problem = rejected('sale-closed').problem
    const late = after(start, { kind: 'join-rejected', problem })
    expect(screenOf(late).kind).toBe('closed')
    expect(jobKinds(after(late, boardOf('open')))).toEqual(['join'])
    expect(screenOf(after(late, boardOf('scheduled'))).kind).toBe('not-open')
  })

  it('is polled rarely once the buyer has ordered', () => {
    expect(
      jobsOf(after(start, joined, admitted, buy, order({ status: 'confirmed' }), ticket({ state: 'closed' }))),
    ).toContainEqual({ kind: 'watch-board', key: 'again', pace: 'rare' })
  })
})

describe('a place in line', () => {
  it('begins by joining, and continues by following the ticket', () => {
    expect(jobKinds(start)).toEqual(['join'])
    expect(jobKinds(after(start, joined))).toEqual(['follow-line'])
  })

  it('shows a position worse by at most the number of returning buyers, and explains it until it improves', () => {
    const shown = (model: Model) => {
      const screen = screenOf(model)
      return screen.kind === 'waiting' ? [screen.position, screen.overtaken] : screen.kind
    }
    const first = after(start, joined, ticket({ position: 30, returners: 0 }))
    expect(shown(first)).toEqual([30, false])
    expect(shown(after(first, ticket({ position: 33, returners: 0 })))).toEqual([30, false])
    const grown = after(first, ticket({ position: 45, returners: 20 }))
    expect(shown(grown)).toEqual([45, true])
    expect(textOf(screenOf(grown), english).lines.join(' ')).toContain('came back in time')
    expect(shown(after(grown, ticket({ position: 31, returners: 4 })))).toEqual([31, true])
    expect(shown(after(grown, ticket({ position: 30, returners: 3 })))).toEqual([30, false])
  })

  it('shows the position unchanged while the line recovers', () => {
    const lost = after(start, joined, ticket({ position: 30 }), ticket({ position: 3, saleState: 'recovering' }))
    const recovered = after(lost, ticket({ position: 28, saleState: 'recovering' }), ticket({ position: 28 }))
    expect(screenOf(recovered)).toMatchObject({ position: 28, overtaken: false })
  })

  it('shows the place of a new ticket unchanged', () => {
    const again: PageEvent = { kind: 'joined', joined: { ...joined.joined, ticket: 't2', position: 900 } }
    expect(screenOf(after(start, joined, { kind: 'rejoin' }, again))).toMatchObject({ position: 900, progress: 0 })
  })

  it('is not moved back into the line by a process with an older snapshot', () => {
    expect(screenOf(after(start, joined, admitted, ticket({ snapshot: 8 }))).kind).toBe('your-turn')
  })

  it('shows paused and recovering without an ETA', () => {
    expect(screenOf(after(start, joined, ticket({ saleState: 'paused' })))).toMatchObject({
      kind: 'paused',
      etaSeconds: null,
    })
    expect(screenOf(after(start, joined, ticket({ saleState: 'recovering' }))).kind).toBe('recovering')
  })

  it('waits for the opening by watching the board, then joins by itself', () => {
    const { problem } = rejected('sale-not-open')
    const model = after(start, { kind: 'join-rejected', problem })
    expect(screenOf(model).kind).toBe('not-open')
    expect(jobKinds(model)).toEqual(['watch-board'])
    const board = { saleState: 'open', opensAt: null, name: 'Demo' } as Extract<PageEvent, { kind: 'board' }>['board']
    expect(jobKinds(after(model, { kind: 'board', board }))).toEqual(['join'])
  })

  it.each([
    ['line-full', 503, 'The line is full', ['join']],
    ['too-many-requests', 429, 'Too many buyers from your network', ['join']],
    ['unavailable', 503, 'You cannot join at the moment', ['join']],
    ['origin-refused', 403, 'You cannot join from here', []],
    ['invalid-request', 400, 'You could not join the line', []],
  ] as const)(
    'explains why it cannot be joined (%s), and retries only temporary rejections',
    (code, status, title, jobs) => {
      const { problem } = rejected(code, { status })
      const model = after(start, { kind: 'join-rejected', problem })
      expect(screenOf(model)).toMatchObject({ kind: 'join-rejected', retries: jobs.length > 0 })
      expect(textOf(screenOf(model), english).title).toBe(title)
      expect(jobKinds(model)).toEqual(jobs)
      expect(screenOf(after(model, joined)).kind).toBe('waiting')
    },
  )

  it('reports a lost connection after a moment, above any screen', () => {
    const model = after(start, joined, { kind: 'link', up: false, at: now }, { kind: 'link', up: false, at: now + 900 })
    expect(viewOf(model, now + 1_000).lost).toBe(false)
    expect(viewOf(model, now + 2_000)).toMatchObject({ lost: true, screen: { kind: 'waiting', position: 40 } })
    expect(viewOf(after(model, { kind: 'link', up: true, at: now }), now + 9_000).lost).toBe(false)
  })

  it('ends a turn by the clock, even without a response from the server', () => {
    const model = after(start, joined, admitted)
    expect(screenOf(model, now + 299_000)).toMatchObject({ kind: 'your-turn', secondsLeft: 1 })
    expect(screenOf(model, now + 300_000).kind).toBe('admission-expired')
  })
})

describe('buying', () => {
  const atTheTill = after(start, joined, admitted)
  const placing = after(atTheTill, buy)

  it('sends an order under one key until it is decided', () => {
    expect(jobsOf(placing).map((job) => job.key)).toContain('place k1')
    const held = after(placing, rejected('sold-out', { skus: ['COAT'], retryable: true }))
    expect(screenOf(held)).toMatchObject({ kind: 'held-by-others' })
    expect(jobsOf(held).map((job) => job.key)).toContain('place k1')
    const busy = after(placing, rejected('busy', { status: 503 }))
    expect(screenOf(busy)).toMatchObject({ kind: 'core-down', placing: true })
    expect(jobsOf(busy).map((job) => job.key)).toContain('place k1')
  })

  it('retries a failure of the shop, but not an order that the shop can never store', () => {
    const broken = after(placing, rejected('internal', { status: 500, retryable: true }))
    expect(jobsOf(broken).map((job) => job.key)).toContain('place k1')
    const hopeless = after(placing, rejected('internal', { status: 500, hopeless: true }))
    expect(screenOf(hopeless)).toMatchObject({ kind: 'your-turn', draft, problem: { code: 'internal' } })
    expect(jobKinds(hopeless)).not.toContain('place-order')
  })

  it('lets the buyer correct a rejected order, with the previous input', () => {
    expect(screenOf(after(placing, rejected('over-limit')))).toMatchObject({
      kind: 'your-turn',
      draft,
      problem: { code: 'over-limit' },
    })
  })

  it('sends the same order again after a reload during checkout', () => {
    const reloaded = beginWith({ id: 'demo', name: 'Demo' }, memoryOf(placing))
    expect(reloaded.checkout).toMatchObject({ kind: 'placing', key: 'k1', draft })
    expect(jobsOf(reloaded).map((job) => job.key)).toContain('place k1')
  })

  it('shows the order again after a reload', () => {
    const reloaded = beginWith({ id: 'demo', name: 'Demo' }, memoryOf(after(placing, order({}))))
    expect(jobKinds(reloaded)).toContain('follow-order')
    expect(screenOf(reloaded).kind).toBe('paying')
  })

  it('follows the order of another window when this slot has its order', () => {
    const location = '/orders/6f1c7d2a-3b0e-8c4f-9a55-0123456789ab'
    expect(after(placing, rejected('order-exists', { location })).checkout).toMatchObject({
      kind: 'placed',
      order: '6f1c7d2a-3b0e-8c4f-9a55-0123456789ab',
    })
  })

  it('does not return to pending when a late response arrives after the news', () => {
    const model = after(placing, order({ status: 'confirmed', version: 2 }), order({}))
    expect(screenOf(model).kind).toBe('confirmed')
  })

  it('keeps the turn after a declined card, and buys with another key', () => {
    const declined = after(placing, order({ status: 'cancelled', cancelReason: 'declined', version: 2 }))
    expect(screenOf(declined)).toMatchObject({ kind: 'declined', secondsLeft: 300 })
    const last = after(placing, order({ status: 'cancelled', cancelReason: 'declined-final', version: 2 }))
    expect(screenOf(last)).toMatchObject({ kind: 'declined', secondsLeft: 0, endedBy: 'tries' })
    const again = after(declined, { kind: 'choose-again' })
    expect(screenOf(again)).toMatchObject({ kind: 'your-turn', draft })
    expect(after(again, { ...buy, key: 'k2' }).checkout).toMatchObject({ kind: 'placing', key: 'k2' })
  })

  it('keeps the turn after an abandoned order, says so, and buys with another key', () => {
    const told = after(placing, rejected('order-abandoned', { status: 409 }))
    const screen = screenOf(told)
    expect(screen).toMatchObject({ kind: 'your-turn', draft, problem: { code: 'order-abandoned' } })
    expect(memoryOf(told).key, 'a reload does not send the old key again').toBeUndefined()
    expect(after(told, { ...buy, key: 'k2' }).checkout).toMatchObject({ kind: 'placing', key: 'k2' })
    const seen = after(placing, order({ status: 'cancelled', cancelReason: 'abandoned', version: 1 }))
    expect(screenOf(seen)).toMatchObject({ kind: 'abandoned', secondsLeft: 300 })
    expect(jobKinds(seen)).toContain('follow-line')
    expect(screenOf(after(seen, { kind: 'choose-again' }))).toMatchObject({ kind: 'your-turn', draft })
  })

  it.each([
    ['expired', 'hold-lapsed'],
    ['by-buyer', 'cancelled'],
    ['by-operator', 'cancelled-by-shop'],
  ] as const)('shows an order cancelled as %s as %s', (cancelReason, screen) => {
    expect(screenOf(after(placing, order({ status: 'cancelled', cancelReason, version: 2 }))).kind).toBe(screen)
  })

  it('joins again without the old ticket, admission or order', () => {
    const model = after(placing, order({ status: 'cancelled', cancelReason: 'expired' }), { kind: 'rejoin' })
    expect(model).toMatchObject({ ticket: undefined, admission: undefined, order: undefined })
    expect(jobKinds(model)).toEqual(['join'])
  })
})
