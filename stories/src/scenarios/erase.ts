import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bodyOf } from '@floodgate/client'
import { createPool } from '@floodgate/database'

import { eventually, tablesWith } from '@floodgate/testkit'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import type { TestSystem } from '../client/test-system.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')
const SALE = 'erased'
/** Days after which a line is over: two after the close of its sale; an order, three. */
const AGO = '4 days'

/**
 * Erases one buyer from all four apps by the command: while the sale runs nothing is erased, after its end everything.
 */
export async function eraseOneBuyer(testSystem: TestSystem): Promise<void> {
  const pool = createPool(testSystem.system.databaseUrl, { max: 1 })
  const redis = new Redis(testSystem.system.redisUrl)
  try {
    await testSystem.operator.openSale(SALE, { items: [coat(3)] })
    const [ann, ben] = [await testSystem.admitted('ann-to-erase', SALE), await testSystem.admitted('ben-to-keep', SALE)]
    const [order, kept] = [await ann.order(), await ben.order()]
    for (const [buyer, id] of [
      [ann, order.id],
      [ben, kept.id],
    ] as const) {
      await buyer.untilOrderIs(id, 'confirmed')
      await eventually(async () => expect(await testSystem.inbox.mailsTo(buyer.email)).toHaveLength(1))
    }
    const [erased, other] = [await buyerOf(testSystem, order.id), await buyerOf(testSystem, kept.id)]
    expect(await erase(testSystem, erased)).toMatchObject({ code: 1, text: expect.stringContaining('STAYS FOR NOW') })
    expect(await tablesWith(pool, erased)).toContain('orders.orders')

    await testSystem.operator.act(SALE, 'close')
    await letPass(testSystem, pool)
    // Redis still has the line, as after a visit to its page; its last entries are archived within seconds.
    await eventually(async () => {
      expect(await erase(testSystem, erased)).toEqual({ code: 0, text: expect.stringContaining('orders.orders') })
    })
    expect(await erase(testSystem, erased), 'again').toEqual({
      code: 0,
      text: expect.stringMatching(/orders\.orders +0\n/),
    })

    expect(await tablesWith(pool, erased)).toEqual([])
    expect(await tablesWith(pool, ann.email)).toEqual([])
    expect(await keysWith(redis, erased)).toEqual([])
    expect(await keysWith(redis, ann.email)).toEqual([])
    expect(await tablesWith(pool, other)).toContain('orders.orders')
    const { rows } = await pool.query('select sold, held from orders.stock where sale = $1', [SALE])
    expect(rows).toEqual([{ sold: 2, held: 0 }])
    const { rows: addresses } = await pool.query(
      `select o.total_minor > 0 as "hasAmount", o.sealed_email = '' as "isEmpty", count(m.sealed_to) filter (where m.sealed_to <> '')::int as mails
       from orders.orders o join notices.mails m on m.order_id = o.id where o.id = $1 group by o.id`,
      [order.id],
    )
    expect(addresses).toEqual([{ hasAmount: true, isEmpty: true, mails: 0 }])
  } finally {
    redis.disconnect()
    await pool.end()
  }
}

async function buyerOf({ operator }: TestSystem, order: string): Promise<string> {
  return (await bodyOf(operator.cores.inspectOrder({ params: { id: order } }))).buyer
}

async function erase({ system }: TestSystem, buyer: string): Promise<{ code: number; text: string }> {
  const env = {
    ...process.env,
    WAITING_ROOM_URL: system.urls.waitingRoom,
    ORDER_CORE_URL: system.urls.orderCore,
    PAYMENT_WORKER_URL: system.urls.paymentWorker,
    NOTIFIER_URL: system.urls.notifier,
    ADMIN_TOKEN: system.adminToken,
  }
  try {
    const { stdout } = await run(
      process.execPath,
      [join(repository, 'packages/command/src/main.ts'), 'erase', '--buyer', buyer, '--yes'],
      { env },
    )
    return { code: 0, text: stdout }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: `${stdout}${stderr}` }
  }
}

/** Moves the close of the sale days back: its line has left Redis, and the rounds retire its stock. */
async function letPass(testSystem: TestSystem, pool: ReturnType<typeof createPool>): Promise<void> {
  await eventually(async () => {
    const { rows } = await pool.query('select closed_at from orders.sales where id = $1 and closed_at is not null', [
      SALE,
    ])
    expect(rows).toHaveLength(1)
  })
  // By then the whole log of the line is in the archive.
  await eventually(async () => {
    const { rows } = await pool.query(`select from rooms.archived_log where sale = $1 and body->>'act' = 'close'`, [
      SALE,
    ])
    expect(rows).toHaveLength(1)
  })
  await pool.query(`update rooms.sales set updated_at = now() - interval '${AGO}' where id = $1`, [SALE])
  await pool.query(`update rooms.acts set at = now() - interval '${AGO}' where sale = $1`, [SALE])
  await pool.query(`update orders.sales set closed_at = now() - interval '${AGO}' where id = $1`, [SALE])
  await eventually(async () => {
    const { rows } = await pool.query('select from orders.catalogues where sale = $1 and retired_at is not null', [
      SALE,
    ])
    expect(rows).toHaveLength(1)
  })
  expect(testSystem.recorder.unreadable).toEqual([])
}

/**
 * Returns the keys with this text in their name or value, except for the bus' streams: published events stay there for
 * a while.
 */
async function keysWith(redis: Redis, text: string): Promise<string[]> {
  const keys = (await redis.keys('*')).filter((key) => !key.startsWith('bus:'))
  const found: string[] = []
  for (const key of keys) if (`${key} ${await contentOf(redis, key)}`.includes(text)) found.push(key)
  return found
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.getBuffer(key))?.toString('latin1') ?? ''
    case 'hash':
      return JSON.stringify(await redis.hgetall(key))
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'))
    case 'set':
      return JSON.stringify(await redis.smembers(key))
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1))
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'))
    default:
      return ''
  }
}
