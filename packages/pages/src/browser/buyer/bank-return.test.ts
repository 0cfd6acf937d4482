import type { OrderResource } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { orderPageAfter, splitReturn } from './bank-return.ts'
import { beginWith } from './begin.ts'
import { jobsOf } from './jobs.ts'
import { reduce } from './reduce.ts'
import { viewOf } from './view-state.ts'

const ORDER = '0f8fad5b-d9cb-469f-a165-70867728950e'
const OTHER = '1f8fad5b-d9cb-469f-a165-70867728950e'

it('what the provider added to the address is the proof, and the page keeps its own address', () => {
  expect(
    splitReturn(`?payment=${ORDER}&charge=ch_1&redirect_status=succeeded&return=https%3A%2F%2Fshop.example`),
  ).toEqual({
    cameBack: { order: ORDER, proof: { charge: 'ch_1', redirect_status: 'succeeded' } },
    search: '?return=https%3A%2F%2Fshop.example',
  })
})

it.each([[''], ['?return=https%3A%2F%2Fshop.example'], ['?payment='], ['?payment=1'], [`?payment=${ORDER}x`]])(
  'an address without an order is no return: %s',
  (search) => {
    expect(splitReturn(search)).toEqual({ cameBack: undefined, search })
  },
)

it('a proof that the order core would reject is dropped', () => {
  const many = Array.from({ length: 21 }, (_, at) => `&p${at}=1`).join('')
  expect(splitReturn(`?payment=${ORDER}${many}`).cameBack).toEqual({ order: ORDER, proof: {} })
  expect(splitReturn(`?payment=${ORDER}&long=${'x'.repeat(8_000)}`).cameBack).toEqual({ order: ORDER, proof: {} })
})

it('a return to another tab than that of the order goes on to the order’s own page, with all that it brought', () => {
  const cameBack = { order: ORDER, proof: { paymentKey: 'a b&c', amount: '1' } }
  expect(orderPageAfter(cameBack, { sale: 'demo', order: ORDER })).toBeUndefined()
  const address = new URL(orderPageAfter(cameBack, { sale: 'demo', order: undefined }) ?? '', 'https://line.example')
  expect(address.pathname).toBe(`/sales/demo/orders/${ORDER}`)
  expect(splitReturn(address.search)).toEqual({ cameBack, search: '' })
  expect(orderPageAfter(cameBack, { sale: 'demo', order: OTHER })).toBeDefined()
})

const money = { totalMinor: 1_250, currency: 'EUR', createdAt: '2027-03-28T10:00:00.000Z' }
const order: OrderResource = {
  ...{ id: ORDER, sale: 'demo', items: [], ...money, status: 'pending', version: 2 },
  holdExpiresAt: '2027-03-28T10:05:00.000Z',
  payment: { state: 'awaiting-buyer', redirectUrl: 'https://bank.example/1' },
}
const NOW_MS = Date.parse(money.createdAt)
const pageOf = (cameBack?: { order: string; proof: Record<string, string> }) =>
  beginWith(
    { id: 'demo', name: 'Demo', state: 'open' },
    { ticket: 't', admission: 'a', expiresAt: '2027-03-28T10:10:00.000Z', order: ORDER },
    { cameBack },
  )

it('an order that awaits its buyer shows where to go, until it is decided', () => {
  const awaiting = reduce(pageOf(), { kind: 'order', order })
  expect(viewOf(awaiting, NOW_MS).screen).toMatchObject({
    ...{ kind: 'at-bank', url: 'https://bank.example/1', back: false, secondsLeft: 300 },
  })
  const { payment: _, ...rest } = order
  const paid = reduce(awaiting, { kind: 'order', order: { ...rest, status: 'confirmed', version: 3 } })
  expect(viewOf(paid, NOW_MS).screen.kind).toBe('confirmed')
})

it('a return is reported once, for the order of this page alone', () => {
  const reports = (model: ReturnType<typeof pageOf>) => jobsOf(model).filter(({ kind }) => kind === 'report-return')
  const proof = { charge: 'ch_1' }
  const back = reduce(pageOf({ order: ORDER, proof }), { kind: 'order', order })
  expect(reports(back)).toMatchObject([{ order: ORDER, proof, bearer: 'a' }])
  expect(viewOf(back, NOW_MS).screen).toMatchObject({ kind: 'at-bank', back: true })
  const reported = reduce(back, { kind: 'return-reported' })
  expect(reports(reported)).toEqual([])
  expect(viewOf(reported, NOW_MS).screen).toMatchObject({ kind: 'at-bank', back: true })
  expect(reports(reduce(pageOf({ order: OTHER, proof }), { kind: 'order', order }))).toEqual([])
})
