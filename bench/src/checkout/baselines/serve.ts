// A small order server in its own process: `serve.ts STRATEGY POOL`, servers from the environment. Prints its address.
import { createAdmissionVerifier, requireAdmission } from '@floodgate/admission'
import { idempotencyKey, orderRequest } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { listen } from '@floodgate/http'
import { createRedis, waitUntilReady } from '@floodgate/redis'
import { createLogger } from '@floodgate/runtime'
import { Hono } from 'hono'
import { z } from 'zod'
import { type StrategyName, strategyNames } from '../strategies.ts'
import { createDistributedLock } from './distributed-lock.ts'
import type { Strategy } from './order-store.ts'
import { createPgTransaction } from './pg-transaction.ts'

const LOCK_TIMEOUT_MS = 5_000
const CONNECT_MS_MAX = 10_000

const environment = z
  .object({ DATABASE_URL: z.string(), REDIS_URL: z.string(), JWKS_URL: z.string() })
  .parse(process.env)
const strategyName = z.enum(strategyNames).parse(process.argv[2])
const connections = z.coerce.number().int().min(1).parse(process.argv[3])

const strategy = await createStrategy(strategyName)
const verifier = createAdmissionVerifier({
  jwksUrl: environment.JWKS_URL,
  issuer: 'floodgate',
  audience: 'order-core',
})
const app = new Hono<{ Variables: { admission: Parameters<Strategy>[0]['admission'] } }>()
app.post('/orders', requireAdmission(verifier), async (c) => {
  const key = idempotencyKey.safeParse(c.req.header('idempotency-key'))
  const body = orderRequest.safeParse(await c.req.json())
  if (!key.success || !body.success) return c.json({ code: 'invalid-request' }, 400)
  const placed = await strategy({ admission: c.get('admission'), body: body.data })
  if (placed.kind === 'sold-out') return c.json({ code: 'sold-out' }, 409)
  return c.json({ id: placed.order, status: 'pending', items: body.data.items }, 201)
})

const { url } = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 })
process.stdout.write(`${url}\n`)
// The parent has exited.
process.stdin.resume().on('end', () => process.exit())

async function createStrategy(name: StrategyName): Promise<Strategy> {
  const pool = createPool(environment.DATABASE_URL, { max: connections, applicationName: `bench-${name}` })
  if (name === 'pg-transaction') return createPgTransaction({ pool })
  const redis = createRedis({
    url: environment.REDIS_URL,
    name: `bench-${name}`,
    role: 'commands',
    commandTimeoutMs: LOCK_TIMEOUT_MS,
    log: createLogger({ app: 'bench-baseline', level: 'warn' }),
  })
  await waitUntilReady(redis, AbortSignal.timeout(CONNECT_MS_MAX))
  return createDistributedLock({ pool, redis })
}
