import { expect, it } from 'vitest'
import { createBoundedMap } from './bounded-map.ts'

it('never holds more than its bound, and keeps what is used', () => {
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

it('forgets what it is told to, wherever that has got to, and takes a new value for an old key', () => {
  const map = createBoundedMap<string>(4)
  for (const key of ['a', 'b', 'c']) map.set(key, key)
  map.set('a', 'again')
  expect(map.get('a')).toBe('again')
  for (const key of ['a', 'b', 'c']) {
    map.delete(key)
    expect(map.get(key)).toBeUndefined()
  }
})
