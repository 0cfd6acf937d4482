import { describe, expect, it } from 'vitest'
import { isOriginAllowed, socketToken } from './handshake.ts'

describe('the socket handshake', () => {
  it('is accepted from this host, listed origins, and clients that are not browsers', () => {
    const host = 'sale.example'
    const none = new Set<string>()
    const shop = new Set(['https://shop.example'])
    expect(isOriginAllowed({ host }, none)).toBe(true)
    expect(isOriginAllowed({ host, origin: 'https://sale.example' }, none)).toBe(true)
    expect(isOriginAllowed({ host, origin: 'https://shop.example' }, shop)).toBe(true)
    expect(isOriginAllowed({ host, origin: 'https://evil.example' }, shop)).toBe(false)
    expect(isOriginAllowed({ host, origin: 'null' }, none)).toBe(false)
  })
  it('has its token only after the protocol name', () => {
    expect(socketToken('floodgate.v1, abc', 'floodgate.v1')).toBe('abc')
    expect(socketToken('abc, floodgate.v1', 'floodgate.v1')).toBeUndefined()
    expect(socketToken(undefined, 'floodgate.v1')).toBeUndefined()
  })
})
