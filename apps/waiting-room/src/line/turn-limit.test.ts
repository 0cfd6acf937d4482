import { expect, it } from 'vitest'
import { createTurnLimit } from './turn-limit.ts'

const ann = { sale: 'sale', buyer: 'ann', place: 1 }

function start(burst: number) {
  let nowMs = 1_000_000
  let limited = 0
  const take = createTurnLimit({
    ...{ name: 'extensions', burst, now: () => nowMs },
    countLimited: (name) => {
      expect(name).toBe('extensions')
      limited += 1
    },
  })
  return { take, pass: (ms: number) => (nowMs += ms), limited: () => limited }
}

it('a ticket may send the allowed burst, then one request a second; another place does not bypass that, and other tickets are not counted', () => {
  const { take, pass, limited } = start(3)
  for (let at = 0; at < 3; at += 1) take(ann)
  for (const place of [1, 0])
    expect(() => take(Object.assign({}, ann, { place }))).toThrow(
      expect.objectContaining({
        ...{ code: 'too-many-requests', status: 429, members: { limit: 'extensions' } },
        headers: { 'retry-after': '1', ratelimit: '"extensions";r=0;t=1', 'ratelimit-policy': '"extensions";q=3;w=3' },
      }),
    )
  expect(limited()).toBe(2)
  take({ ...ann, buyer: 'ben' })
  take({ ...ann, sale: 'another' })
  pass(990)
  expect(() => take(ann)).toThrow()
  pass(10)
  take(ann)
  expect(() => take(ann)).toThrow()
})

it('is off at 0', () => {
  const { take, limited } = start(0)
  for (let at = 0; at < 1_000; at += 1) take(ann)
  expect(limited()).toBe(0)
})
