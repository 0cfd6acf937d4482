import { describe, expect, it } from 'vitest'
import { canComeBack, isSoldOut } from './shortage.ts'

const short = (quantity: number, available: number, unsold: number) => ({ sku: 'a', quantity, available, unsold })

describe('a shortage', () => {
  it.each([
    ['less is left than wanted, and nobody holds any', [short(2, 1, 1)], { soldOut: false, comesBack: false }],
    ['others hold what is missing', [short(2, 1, 5)], { soldOut: false, comesBack: true }],
    ['others hold everything left', [short(1, 0, 1)], { soldOut: false, comesBack: true }],
    ['others hold everything left, which is less than wanted', [short(2, 0, 1)], { soldOut: false, comesBack: false }],
    ['everything is sold', [short(1, 0, 0)], { soldOut: true, comesBack: false }],
    ['one of two is sold', [short(1, 0, 3), short(1, 0, 0)], { soldOut: true, comesBack: false }],
  ])('%s', (_, shortages, { soldOut, comesBack }) => {
    expect(isSoldOut(shortages)).toBe(soldOut)
    expect(canComeBack(shortages)).toBe(comesBack)
  })
})
