import { expect, it } from 'vitest'
import { buyerOfAccount, nameOfToken } from './account.ts'

it('an account is the same buyer at all times, so that a shop can compute it', () => {
  expect(buyerOfAccount({ issuer: 'https://login.shop.example', subject: '4711' })).toBe('lNSgtZiYRTUeLonryGAE9Q')
})

it('the boundary of issuer and subject counts, and an account is never taken for a token', () => {
  const names = [
    buyerOfAccount({ issuer: 'a', subject: 'b,c' }),
    buyerOfAccount({ issuer: 'a","b', subject: 'c' }),
    buyerOfAccount({ issuer: 'a', subject: 'b' }),
    nameOfToken({ issuer: 'a', jti: 'b' }),
  ]
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/)
})
