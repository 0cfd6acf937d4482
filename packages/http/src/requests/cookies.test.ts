import { expect, it } from 'vitest'
import { cookieValues } from './cookies.ts'

it('returns all cookies of a name, in their order, and no others', () => {
  expect(cookieValues('a=1; buyer=x.y=z; b=2; buyer= w ', 'buyer')).toEqual(['x.y=z', 'w'])
  expect(cookieValues('not-buyer=1; buyers=2', 'buyer')).toEqual([])
  expect(cookieValues(undefined, 'buyer')).toEqual([])
})
