import { describe, expect, it } from 'vitest'
import { firstCosts } from './costs.ts'
import { type SizedSale, sizeSale } from './size-sale.ts'
import { usualSale } from './sizing-page.ts'

const needsOf = (over: Partial<SizedSale> = {}) => sizeSale(firstCosts, { ...usualSale(1_000_000), ...over })

describe('the size of a sale', () => {
  it('grows with the line where it must: places, sockets, joins', () => {
    const [one, ten] = [needsOf({ rate: 500 }), needsOf({ rate: 500, waiters: 10_000_000 })]
    expect(needsOf({ rate: 5_000, waiters: 10_000_000 }).lineGib / one.lineGib).toBeCloseTo(10)
    expect(ten.socketGib / one.socketGib).toBeCloseTo(10)
    expect(ten.joinsPerSecond / one.joinsPerSecond).toBeCloseTo(10)
  })

  it('does not grow with the line behind the window: no Redis, no order', () => {
    const [one, ten] = [needsOf({ rate: 500 }), needsOf({ rate: 500, waiters: 10_000_000 })]
    expect(ten.askedPollsPerSecond).toBe(one.askedPollsPerSecond)
    expect(ten.ordersPerSecond).toBe(one.ordersPerSecond)
    expect(ten.coreProcesses).toBe(one.coreProcesses)
  })

  it('needs most memory when most buyers are served and still stored, not while all wait', () => {
    const { waiterMemory, servedMemory } = firstCosts
    const [quick, slow] = [needsOf({ rate: 1_000 }), needsOf({ rate: 20 })]
    expect(quick.lineGib).toBeCloseTo((1_000_000 * servedMemory.value) / 1024 ** 3, 3)
    expect(slow.lineGib).toBeGreaterThan((1_000_000 * waiterMemory.value) / 1024 ** 3)
    expect(slow.lineGib).toBeLessThan(quick.lineGib)
  })

  it('needs fewer processes with the board than with polls', () => {
    const { roomProcesses } = needsOf({ waiters: 10_000_000 })
    expect(roomProcesses.board).toBeLessThan(roomProcesses.poll)
  })

  it('has at least two of everything, however small the sale', () => {
    const { roomProcesses, coreProcesses, paymentProcesses, lanes } = needsOf({ waiters: 100, rate: 1 })
    expect(roomProcesses).toEqual({ socket: 2, poll: 2, board: 2 })
    expect([coreProcesses, paymentProcesses, lanes]).toEqual([2, 2, 1])
  })

  it('has as many payment workers as charges wait for a slow provider', () => {
    const [fast, slow] = [needsOf({ rate: 3_000 }), needsOf({ rate: 3_000, providerSeconds: 4 })]
    expect(slow.paymentProcesses).toBeGreaterThan(fast.paymentProcesses)
    expect(slow.paymentProcesses * 256).toBeGreaterThan(3_000 * 0.6 * 4)
  })

  it('names the most used part first', () => {
    const used = needsOf().owners.map((owner) => owner.used)
    expect(used).toEqual(used.toSorted((one, other) => other - one))
  })
})
