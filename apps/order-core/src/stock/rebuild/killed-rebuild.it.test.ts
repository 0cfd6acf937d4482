import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { stockAudit } from '@floodgate/contracts'
import type { RedisServer } from '@floodgate/local-servers'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually, type FreshDatabase, migratedDatabase, type Own, ownRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import pg, { type Pool } from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { call, createIssuer, type RunningCore, startCore } from '../../testing/running-core.ts'
import { saleKeys } from '../keys.ts'

const TOTAL = 20
const main = fileURLToPath(new URL('../../main.ts', import.meta.url))
let database: FreshDatabase
let redis: Own<RedisServer>
let issuer: Awaited<ReturnType<typeof createIssuer>>
let pool: Pool
let client: Redis

beforeAll(async () => {
  ;[database, redis, issuer] = await Promise.all([migratedDatabase(), ownRedis(), createIssuer()])
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  client = await connectRedis(redis.url)
})
afterAll(async () => {
  await closeRedis(client)
  await pool?.end()
  issuer?.close()
  await redis?.remove()
  await database?.drop()
})

const settings = () => ({ databaseUrl: database.url, redisUrl: redis.url, jwksUrl: issuer.jwksUrl })

/** Starts a process that dies, or hangs, at the fail point. */
const startDoomed = (failPoint: string, action: 'kill' | 'stall' = 'kill') => {
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    JWKS_URL: issuer.jwksUrl,
    ADMIN_TOKEN: ADMIN_TOKEN,
    EMAIL_KEY: Buffer.alloc(32, 7).toString('base64url'),
    PAYMENT_KEY: Buffer.alloc(32, 8).toString('base64url'),
    ENVIRONMENT: 'development',
    PORT: '0',
    OPS_PORT: '0',
    LOG_LEVEL: 'error',
    FAIL_POINTS: `${failPoint}=${action}`,
  }
  const doomed = spawn(process.execPath, [main], { env, stdio: 'ignore' })
  onTestFinished(() => void doomed.kill('SIGKILL'))
  return once(doomed, 'exit')
}

const order = (core: RunningCore, token: string) =>
  call(`${core.url}/orders`, {
    method: 'POST',
    token,
    key: 'one-key-per-buyer-is-enough',
    body: { items: [{ sku: 'tea', quantity: 1 }], email: 'buyer@example.org', paymentMethod: 'sim_ok' },
  })

/** Retries every order until its outcome is definite. */
const orderAll = (core: RunningCore, tokens: readonly string[]) =>
  Promise.all(
    tokens.map((token) =>
      eventually(async () => {
        const { status } = await order(core, token)
        expect(status).not.toBe(503)
        return status
      }),
    ),
  )

/** Opens a sale in which six buyers have ordered. Returns their tokens. */
async function sellSome(sale: string): Promise<readonly string[]> {
  const core = await startCore(settings())
  const tea = { sku: 'tea', name: 'Tea', listPriceMinor: 2, salePriceMinor: 1, total: TOTAL, perBuyerLimit: 1 }
  await call(`${core.url}/admin/sales/${sale}/catalogue`, {
    method: 'PUT',
    token: ADMIN_TOKEN,
    body: { currency: 'EUR', items: [tea] },
  })
  const tokens = await Promise.all(Array.from({ length: 6 }, () => issuer.sign({ sale })))
  expect(await orderAll(core, tokens)).toEqual(tokens.map(() => 201))
  await core.service.stop()
  return tokens
}

it.each([
  'rebuild-begun',
  'rebuild-epoch-raised',
  'rebuild-half-written',
  'rebuild-written',
  'rebuild-published',
  'rebuild-followed',
])('a process killed at %s leaves a stock that the next one restores, and the sale sells exactly', async (at) => {
  const sale = `killed-at-${at}`
  const keys = saleKeys(sale)
  const early = await sellSome(sale)
  await client.unlink(keys.meta, keys.stock, keys.held, keys.sold, keys.units, keys.slots)
  expect(await startDoomed(at)).toEqual([null, 'SIGKILL'])
  // An order that ended while Redis could not be updated.
  await pool.query(
    `with ended as (
       update orders.orders set status = 'confirmed', version = version + 1, updated_at = now()
       where id = (select id from orders.orders where sale = $1 and status = 'pending' limit 1) returning sale)
     update orders.stock set held = held - 1, sold = sold + 1 where sale = (select sale from ended)`,
    [sale],
  )

  const after = await startCore(settings())
  onTestFinished(() => after.service.stop())
  const late = await Promise.all(Array.from({ length: 2 * TOTAL }, () => issuer.sign({ sale })))
  const statuses = await orderAll(after, late)
  expect(statuses.filter((status) => status === 201)).toHaveLength(TOTAL - early.length)
  expect(statuses.filter((status) => status === 409)).toHaveLength(2 * TOTAL - (TOTAL - early.length))
  expect(await orderAll(after, early), 'their keys are known').toEqual(early.map(() => 201))
  await eventually(async () => {
    const { body } = await call(`${after.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })
    const [{ agree, postgres } = {}] = stockAudit.parse(body).skus
    expect({ agree, postgres }).toEqual({ agree: true, postgres: { available: 0, held: TOTAL - 1, sold: 1 } })
  })
})

it('a process that hangs in a rebuild blocks the sale for seconds only', async () => {
  const sale = 'stalled'
  const keys = saleKeys(sale)
  await sellSome(sale)
  await client.unlink(keys.meta, keys.ledger)
  const exited = startDoomed('rebuild-half-written', 'stall')
  await eventually(async () => expect(await client.hlen(keys.ledger)).toBeGreaterThan(0))
  expect(await client.exists(keys.meta)).toBe(0)

  const after = await startCore(settings())
  onTestFinished(() => after.service.stop())
  expect(await orderAll(after, [await issuer.sign({ sale })])).toEqual([201])
  expect(await Promise.race([exited, 'still standing'])).toBe('still standing')
})
