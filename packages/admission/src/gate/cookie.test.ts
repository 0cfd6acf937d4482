import { describe, expect, it } from 'vitest'
import { cookieValues } from './cookie.ts'

const NAME = '__Host-floodgate-pass'

describe('the cookies of the gate in a header', () => {
  it.each<[string, readonly string[]]>([
    [`${NAME}=a`, ['a']],
    [`x=1; ${NAME}=a; ${NAME}=b`, ['a', 'b']],
    [`x=1;${NAME}=a;y`, ['a']],
    [`${NAME}=a=b`, ['a=b']],
    [`${NAME}=`, ['']],
    [NAME, []],
    [`=${NAME}=a`, []],
    [`x${NAME}=a; ${NAME}x=a; x=${NAME}=a`, []],
    [['a', 'b', 'c', 'd', 'e'].map((value) => `${NAME}=${value}`).join(';'), ['a', 'b', 'c', 'd']],
  ])('of %j are %j', (header, values) => {
    expect(cookieValues(header, NAME)).toEqual(values)
  })

  // Browsers take such a name for one without the prefix, so that a sibling host may set it.
  it.each(['\u00a0', '\ufeff', '\u2003', '\u2028', '\v', '\f', '\t'])(
    'have no white space (%j) beside their name, which would go round the rules of `__Host-`',
    (space) => {
      expect(cookieValues(`${space}${NAME}=a; ${NAME}${space}=b; ${space}${NAME}=c`, NAME)).toEqual([])
    },
  )
})
