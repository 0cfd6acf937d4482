import type { Socket } from 'node:net'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createClientAddressOf, networkOf } from './client-address.ts'
import { createIgnoredProxyWarning } from './ignored-proxy.ts'

const from = (forwardedFor: string | undefined, trustedHops: number, remoteAddress: string | undefined = '10.0.0.1') =>
  createClientAddressOf({ trustedHops })({
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    socket: { remoteAddress } as Socket,
  })

describe('the client address', () => {
  it('is that of the connection when no proxy is trusted, whatever the header says', () => {
    expect(from('6.6.6.6', 0)).toBe('10.0.0.1')
  })
  it('is counted from the right, so that a client cannot forge its own', () => {
    expect(from('6.6.6.6, 1.2.3.4', 1)).toBe('1.2.3.4')
    expect(from('6.6.6.6, 1.2.3.4, 10.0.0.9', 2)).toBe('1.2.3.4')
  })
  it('is that of the connection when there are fewer entries than hops', () => {
    expect(from(undefined, 1)).toBe('10.0.0.1')
    expect(from('1.2.3.4', 2)).toBe('10.0.0.1')
  })
  it('is that of the connection when the entry is not an address', () => {
    expect(from('unknown', 1)).toBe('10.0.0.1')
    expect(from('1.2.3.4, ', 1)).toBe('10.0.0.1')
    expect(from('1.2.3.4.5', 1)).toBe('10.0.0.1')
  })
  it('omits the port that a proxy added', () => {
    expect(from('1.2.3.4:4711', 1)).toBe('1.2.3.4')
    expect(from('[2001:db8::1]:4711', 1)).toBe('2001:db8:0:0::/64')
    expect(from('[2001:db8::1]', 1)).toBe('2001:db8:0:0::/64')
  })
  it('has a name even when the connection is closed', () => {
    expect(createClientAddressOf({ trustedHops: 0 })({ headers: {}, socket: {} as Socket })).toBe('unknown')
  })
})

describe("a request with a proxy's header", () => {
  const request = (headers: Record<string, string>) => ({ headers, socket: { remoteAddress: '10.0.0.1' } as Socket })
  const marked = [request({ 'x-forwarded-for': '192.0.2.1' }), request({ forwarded: 'for=192.0.2.1' })]

  it('is counted, and logged once, while no proxy is trusted', async () => {
    const metrics = new Registry()
    const warnings: string[] = []
    const log = { warn: (_: object, message: string) => void warnings.push(message) }
    const clientAddressOf = createClientAddressOf({ trustedHops: 0 }, createIgnoredProxyWarning({ log, metrics }))
    for (const one of [...marked, request({})]) expect(clientAddressOf(one)).toBe('10.0.0.1')
    expect(warnings).toEqual(['forwarded address ignored: behind a proxy set TRUSTED_HOPS'])
    expect(await metrics.metrics()).toContain('floodgate_forwarded_ignored_total 2')
  })

  it('is expected when a proxy is trusted', () => {
    const clientAddressOf = createClientAddressOf({ trustedHops: 1 }, () => expect.unreachable())
    for (const one of marked) clientAddressOf(one)
  })
})

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
