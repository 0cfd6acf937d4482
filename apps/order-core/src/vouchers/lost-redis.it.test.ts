import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { expect, it } from 'vitest'
import type { CallResponse } from '../testing/running-core.ts'
import { withShop } from '../testing/shop.ts'
import { vouchersOf } from '../testing/vouchers.ts'

const shop = withShop()
const vouchers = vouchersOf(shop)
const VOUCHERS = 30
const RETRY_MS = 300

/** Claims until there is a decision, as a client does. */
const insist = (token: string): Promise<CallResponse> =>
  eventually(
    async () => {
      const response = await vouchers.claim(token)
      expect(response.status).not.toBe(503)
      return response
    },
    { intervalMs: RETRY_MS },
  )
const statusesOf = (responses: readonly CallResponse[]) => responses.map(({ status }) => status)

it('a Redis that is emptied in the middle of a rush: no voucher is lost, none is issued twice, and none too many', async () => {
  await vouchers.put({ total: VOUCHERS })
  const tokens = await Promise.all(Array.from({ length: 60 }, () => shop.sign()))
  const [early, others] = [tokens.slice(0, 15), tokens.slice(15)]
  const claimed = await Promise.all(early.map(insist))
  expect(new Set(statusesOf(claimed))).toEqual(new Set([201]))

  const redis = await connectRedis(shop.core.redis.url)
  const rush = others.map(insist)
  await redis.flushall()
  await closeRedis(redis)
  const statuses = statusesOf(await Promise.all(rush))
  expect(statuses.filter((status) => status < 300)).toHaveLength(VOUCHERS - early.length)
  expect(statuses.filter((status) => status === 409)).toHaveLength(others.length - (VOUCHERS - early.length))

  const again = await Promise.all(early.map(insist))
  expect(again.map(({ status, body }) => ({ status, body }))).toEqual(
    claimed.map(({ body }) => ({ status: 200, body })),
  )
  expect(await vouchers.counts()).toMatchObject({ issued: VOUCHERS })
  await eventually(async () =>
    expect(await shop.audit()).toMatchObject({ agree: true, vouchers: [{ issued: VOUCHERS, claimed: VOUCHERS }] }),
  )
})
