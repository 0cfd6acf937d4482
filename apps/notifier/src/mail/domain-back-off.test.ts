import { expect, test } from 'vitest'
import { createDomainBackOff, domainOf } from './domain-back-off.ts'

test('the wait of a domain doubles once per wait, up to 15 minutes, however many mails are deferred', () => {
  const backOff = createDomainBackOff()
  let nowMs = 0
  const waits = Array.from({ length: 12 }, () => {
    for (let mail = 0; mail < 100; mail += 1) backOff.onDeferred('slow.example', nowMs)
    const waitMs = backOff.waitMs('slow.example', { isFresh: false, nowMs })
    nowMs += waitMs
    return waitMs / 1_000
  })
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  expect(backOff.waitMs('other.example', { isFresh: false, nowMs })).toBe(0)
})

test('an accepted mail ends it', () => {
  const backOff = createDomainBackOff()
  backOff.onDeferred('slow.example', 0)
  backOff.onTaken('slow.example')
  expect(backOff.waitMs('slow.example', { isFresh: false, nowMs: 0 })).toBe(0)
})

test('a fresh mail waits for a mute domain, and for no other', () => {
  const backOff = createDomainBackOff()
  backOff.onDeferred('slow.example', 0)
  backOff.onMute('mute.example', 0)
  const waits = ['slow.example', 'mute.example'].map((domain) => backOff.waitMs(domain, { isFresh: true, nowMs: 0 }))
  expect(waits).toEqual([0, 1_000])
})

test('domains are compared in lower case, behind the last @', () => {
  expect(domainOf('"a@b"@Slow.Example')).toBe('slow.example')
})
