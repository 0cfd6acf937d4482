import { expect, it } from 'vitest'
import { createBoundedMap } from './bounded-map.ts'

it('never holds more than its bound, and keeps the entries in use', () => {
  const max = 10
  const map = createBoundedMap<number>(max)
  map.set('used', 0)
  for (let at = 1; at <= 1_000; at += 1) {
    map.set(`k${at}`, at)
    expect(map.get('used')).toBe(0)
  }
  const held = Array.from({ length: 1_000 }, (_, at) => map.get(`k${at + 1}`)).filter((value) => value !== undefined)
  expect(held.length).toBeLessThan(max)
  expect(held).toContain(1_000)
})

it('deletes an entry in either generation, and replaces the value of an old key', () => {
  const map = createBoundedMap<string>(4)
  for (const key of ['a', 'b', 'c']) map.set(key, key)
  map.set('a', 'again')
  expect(map.get('a')).toBe('again')
  for (const key of ['a', 'b', 'c']) {
    map.delete(key)
    expect(map.get(key)).toBeUndefined()
  }
})

it('drops entries that were unused for twice the configured time, however few they are', () => {
  let now = 0
  const map = createBoundedMap<number>(100, { keptMs: 10, now: () => now })
  map.set('silent', 1)
  map.set('used', 2)
  for (now = 1; now <= 30; now += 1) {
    expect(map.get('used')).toBe(2)
    map.set(`k${now}`, now)
  }
  expect(map.get('silent')).toBeUndefined()
  expect(map.get('k25')).toBe(25)
})

it('has one value for a key that is set again in the next generation', () => {
  let now = 0
  const map = createBoundedMap<number>(100, { keptMs: 10, now: () => now })
  map.set('a', 1)
  now = 10
  map.set('a', 2)
  expect(map.get('a')).toBe(2)
  map.delete('a')
  expect(map.get('a')).toBeUndefined()
})
