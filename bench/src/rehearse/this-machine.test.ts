import { expect, it } from 'vitest'
import { areAllOwn } from './this-machine.ts'

const own = ['192.0.2.7', 'fe80::1%eth0']

it("recognizes loopback and the machine's own addresses", () => {
  for (const address of ['127.0.0.1', '127.8.8.8', '::1', '192.0.2.7', 'fe80::1']) {
    expect(areAllOwn([address], own)).toBe(true)
  }
})

it('rejects a name that also resolves to another machine, or does not resolve', () => {
  expect(areAllOwn(['192.0.2.8'], own)).toBe(false)
  expect(areAllOwn(['127.0.0.1', '198.51.100.1'], own)).toBe(false)
  expect(areAllOwn([], own)).toBe(false)
})

it('recognizes an IPv4 address written as IPv6', () => {
  expect(areAllOwn(['::ffff:127.0.0.1'], own)).toBe(true)
  expect(areAllOwn(['::ffff:198.51.100.1'], own)).toBe(false)
})
