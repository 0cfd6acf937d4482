import { describe, expect, it } from 'vitest'
import { cookieValue, isOriginAllowed, socketToken } from './handshake.ts'

describe('the socket handshake', () => {
  it('takes this host, listed origins, and clients that are no browsers', () => {
    const host = 'sale.example'
    expect(isOriginAllowed({ host }, [])).toBe(true)
    expect(isOriginAllowed({ host, origin: 'https://sale.example' }, [])).toBe(true)
    expect(isOriginAllowed({ host, origin: 'https://shop.example' }, ['https://shop.example'])).toBe(true)
    expect(isOriginAllowed({ host, origin: 'https://evil.example' }, ['https://shop.example'])).toBe(false)
    expect(isOriginAllowed({ host, origin: 'null' }, [])).toBe(false)
  })
  it('finds the token behind the protocol name only', () => {
    expect(socketToken('floodgate.v1, abc', 'floodgate.v1')).toBe('abc')
    expect(socketToken('abc, floodgate.v1', 'floodgate.v1')).toBeUndefined()
    expect(socketToken(undefined, 'floodgate.v1')).toBeUndefined()
  })
  it('reads one cookie among others', () => {
    expect(cookieValue('a=1; buyer=x.y=z; b=2', 'buyer')).toBe('x.y=z')
    expect(cookieValue(undefined, 'buyer')).toBeUndefined()
  })
})
