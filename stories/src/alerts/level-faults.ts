import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '@floodgate/database'
import { connectRedis } from '@floodgate/testkit'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import { send } from '../client/http.ts'
import type { TestSystem } from '../client/test-system.ts'
import type { AlertFault } from './alert-fault.ts'

const WAITING = 120
const ADMIT_PER_SECOND = 2
/** Longer than any test. */
const PRESENT_MS = 3_600_000

const WRITE_EVERY_MS = 50

/** A second writer sets the tokens of a line, in thousandths, again and again while its buyers wait and are present. */
function settingTokens(fault: Pick<AlertFault, 'what' | 'alert'> & { sale: string; tokens: number }): AlertFault {
  const { sale, tokens, ...named } = fault
  return {
    ...named,
    async during({ operator, buyer, system }, untilFiring) {
      await operator.openSale(sale, { admitPerSecond: ADMIT_PER_SECOND })
      const redis = await connectRedis(system.redisUrl)
      try {
        await Promise.all(Array.from({ length: WAITING }, (_, index) => buyer(`${sale}-${index}`, sale).join()))
        const waiting = await redis.zrange(`wr:{w:${sale}}:line`, '0', '-1')
        const until = Date.now() + PRESENT_MS
        await redis.zadd(`wr:{w:${sale}}:seen`, ...waiting.flatMap((each) => [until, each]))
        await meanwhile(untilFiring, async () => {
          await redis.hset(`wr:{w:${sale}}:sale`, 'tokens', tokens)
          // The figures are of the sales that somebody looks at.
          for (const url of system.urlsOf('waiting-room')) await readBoard(url, sale)
          await delay(WRITE_EVERY_MS)
        })
      } finally {
        redis.disconnect()
        await operator.act(sale, 'close')
      }
    },
  }
}

/** Three a second instead of two: more does not get past the limit of what a second may spend. */
export const FAST_LINE: AlertFault = settingTokens({
  ...{ what: 'a line that admits more buyers than its rate', alert: 'FloodgateRateError' },
  ...{ sale: 'fast-line', tokens: 3_000 },
})

export const STALLED_LINE: AlertFault = settingTokens({
  ...{ what: 'a line that admits nobody', alert: 'FloodgateLineStalled' },
  ...{ sale: 'stalled-line', tokens: 0 },
})

/** Orders that were committed two minutes before their confirmation, one after the other. */
export const LATE_CONFIRMATIONS: AlertFault = {
  what: 'orders that are confirmed late',
  alert: 'FloodgateConfirmationSlow',
  async during(testSystem, untilFiring) {
    const sale = 'confirmed-late'
    await testSystem.operator.openSale(sale, { items: [coat(1_000)] })
    await withPool(testSystem, async (pool) => {
      let count = 0
      await meanwhile(untilFiring, async () => {
        count += 1
        const buyer = await testSystem.admitted(`${sale}-${count}`, sale)
        const { id } = await buyer.order()
        await pool.query(
          `update orders.orders set committed_at = committed_at - interval '2 minutes' where id = $1 and status = 'pending'`,
          [id],
        )
        await buyer.untilOrderEnded(id)
      })
    })
  },
}

/** A row that was changed by hand; whoever reconciles next counts anew. */
export const OVERSOLD: AlertFault = {
  what: 'an order of more units than exist',
  alert: 'FloodgateOversold',
  async during(testSystem, untilFiring) {
    const sale = 'oversold'
    await testSystem.operator.openSale(sale, { items: [coat(1)] })
    const buyer = await testSystem.admitted(`${sale}-buyer`, sale)
    const { id } = await buyer.order()
    await buyer.untilOrderIs(id, 'confirmed')
    await withPool(testSystem, async (pool) => {
      async function order(quantity: number): Promise<void> {
        await pool.query('update orders.order_lines set quantity = $2 where order_id = $1', [id, quantity])
        await pool.query(
          `update orders.rounds set holder = 'nobody', leased_until = now() + interval '3 s' where name = 'reconcile'`,
        )
      }
      await order(2)
      await untilFiring()
      await order(1)
    })
  },
}

async function readBoard(url: string, sale: string): Promise<void> {
  const { status } = await send('GET', `${url}/sales/${sale}/board`)
  expect(status).toBe(200)
}

/** Repeats the work until the alert fires. */
async function meanwhile(untilFiring: () => Promise<void>, work: () => Promise<void>): Promise<void> {
  let isOver = false
  async function repeatedly(): Promise<void> {
    while (!isOver) await work()
  }
  const firing = untilFiring().finally(() => {
    isOver = true
  })
  await Promise.all([firing, repeatedly()])
}

async function withPool(
  { system }: TestSystem,
  work: (pool: ReturnType<typeof createPool>) => Promise<void>,
): Promise<void> {
  const pool = createPool(system.databaseUrl, { max: 1 })
  try {
    await work(pool)
  } finally {
    await pool.end()
  }
}
