import { describe, expect, it } from 'vitest'
import { clientAddress } from './client-address.ts'

const from = (forwardedFor: string | undefined, trustedHops: number) =>
  clientAddress({ forwardedFor, socketAddress: '10.0.0.1', trustedHops })

describe('the client address', () => {
  it('is the socket when no proxy is trusted, whatever the header says', () => {
    expect(from('6.6.6.6', 0)).toBe('10.0.0.1')
  })
  it('is counted from the right, so that a client can not write its own', () => {
    expect(from('6.6.6.6, 1.2.3.4', 1)).toBe('1.2.3.4')
    expect(from('6.6.6.6, 1.2.3.4, 10.0.0.9', 2)).toBe('1.2.3.4')
  })
  it('is the socket when there are fewer entries than hops', () => {
    expect(from(undefined, 1)).toBe('10.0.0.1')
    expect(from('1.2.3.4', 2)).toBe('10.0.0.1')
  })
})
