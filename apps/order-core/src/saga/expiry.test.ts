import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createExpiry } from './expiry.ts'

it('free orders that cannot be confirmed keep no other order from expiring, and the process stays ready', async () => {
  const locked = Promise.withResolvers<number>()
  let expired = 0
  const expiry = createExpiry({
    expire: async () => {
      expired += 1
      return 0
    },
    confirmFree: () => locked.promise,
    log: silentLogger,
  })
  expect(expiry.health().ready).toBe(false)
  expiry.start()
  await eventually(() => expect([expired > 1, expiry.health().ready]).toEqual([true, true]))
  locked.resolve(0)
  await expiry.stop()
})
