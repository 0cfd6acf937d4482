import { expect, it } from 'vitest'
import { cookieValues } from './cookies.ts'

it('returns all cookies of a name, in their order, and no others', () => {
  expect(cookieValues('a=1; buyer=x.y=z; b=2; buyer= w ', 'buyer')).toEqual(['x.y=z', 'w'])
  expect(cookieValues('not-buyer=1; buyers=2', 'buyer')).toEqual([])
  expect(cookieValues(undefined, 'buyer')).toEqual([])
})

// A browser takes such a name for one without the prefix, so that a sibling host may set it.
it.each(['\u00a0', '\ufeff', '\u2003', '\v', '\f'])(
  'a cookie whose name has other white space (%j) beside it is another one',
  (space) => {
    expect(cookieValues(`${space}__Host-buyer=a; __Host-buyer${space}=b;\t__Host-buyer =\tc `, '__Host-buyer')).toEqual(
      ['c'],
    )
  },
)
