import { describe, expect, it } from 'vitest'
import { type OrderRound, scaleRound } from './order-rounds.ts'
import { possibleOrders, roundFaults } from './round-faults.ts'

const round: OrderRound = { sale: 'a', products: 3, stockOfEach: 2, stages: [4], orders: 8 }

describe('a round of orders', () => {
  it('is exact when every order that the stock suffices for is accepted and written', () => {
    expect(possibleOrders(round, 4)).toBe(4)
    expect(possibleOrders(round, 8)).toBe(6)
    expect(roundFaults(round, { orders: { statuses: { '201': 6, '409': 2 } }, written: 6 })).toEqual([])
  })

  it('is not when an order is missing, or one too many is accepted or written', () => {
    expect(roundFaults(round, { orders: { statuses: { '201': 6 } }, written: 6 })).toEqual(['6 of 8 orders were sent'])
    expect(roundFaults(round, { orders: { statuses: { '201': 5, '409': 3 } }, written: 5 })).toEqual([
      '5 of 8 orders were accepted, 6 must be',
    ])
    expect(roundFaults(round, { orders: { statuses: { '201': 7, '409': 1 } }, written: 8 })).toEqual([
      '7 of 8 orders were accepted, 6 must be',
      '7 orders were accepted, 8 are written',
    ])
  })

  it('is not when a response failed, is missing, or is neither an acceptance nor a sold-out', () => {
    const orders = { statuses: { '201': 6, '0': 1, '503': 1 } }
    expect(roundFaults(round, { orders, reads: { statuses: { '200': 9, '503': 2 } }, written: 6 })).toEqual([
      '2 orders failed or got no response',
      'responses other than accepted and sold out: {"0":1,"201":6,"503":1}',
      '2 reads failed',
    ])
    const limited = { statuses: { '201': 6, '429': 2 } }
    expect(roundFaults(round, { orders: limited, written: 6 })).toEqual([
      'responses other than accepted and sold out: {"201":6,"429":2}',
    ])
  })

  it('keeps its products when it is made smaller, and the stock of one product in proportion to its orders', () => {
    const large = { ...round, stages: [30, 300], orders: 1_000, stockOfEach: 100 }
    expect(scaleRound(large, 0.1)).toMatchObject({ products: 3, stockOfEach: 100, stages: [3, 30], orders: 100 })
    expect(scaleRound({ ...large, products: 1 }, 0.1)).toMatchObject({ stockOfEach: 10 })
    const endless: OrderRound = { sale: 'b', products: 1, stockOfEach: 7, stages: [2], readsPerSecond: 40 }
    expect(scaleRound(endless, 0.1)).toEqual({ ...endless, stages: [1], readsPerSecond: 4 })
  })
})
