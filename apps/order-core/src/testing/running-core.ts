import { randomUUID } from 'node:crypto'
import type { RedisServer } from '@floodgate/local-servers'
import type { Service } from '@floodgate/runtime'
import { createTestDatabase, eventually, type Own, ownRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN, startApp, startIssuer } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { expect } from 'vitest'
import { createApp } from '../app.ts'
import { definition } from '../config.ts'

/** Settings without a default, except addresses. */
export const coreSecrets = {
  ADMIN_TOKEN: ADMIN_TOKEN,
  EMAIL_KEY: Buffer.alloc(32, 7).toString('base64url'),
  PAYMENT_KEY: Buffer.alloc(32, 8).toString('base64url'),
}

/** Creates an issuer that publishes its key over HTTP. Each admission is for another buyer and another slot. */
export function createIssuer() {
  return startIssuer({ claims: () => ({ sub: randomUUID(), jti: randomUUID() }) })
}

export interface RunningCore {
  readonly url: string
  readonly opsUrl: string
  readonly service: Service
}

/** Starts an order core on a free local port. */
export async function startCore(options: {
  databaseUrl: string
  redisUrl: string
  jwksUrl: string
  settings?: Readonly<Record<string, string>>
}): Promise<RunningCore> {
  const service = await startApp(definition, createApp, {
    ENVIRONMENT: 'development',
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    JWKS_URL: options.jwksUrl,
    ...coreSecrets,
    ...options.settings,
  })
  return { url: service.url(), opsUrl: service.opsUrl(), service }
}

export interface TestCore extends RunningCore {
  readonly issuer: Awaited<ReturnType<typeof createIssuer>>
  readonly pool: Pool
  readonly databaseUrl: string
  readonly redis: Own<RedisServer>
  /** Writes the catalogue of a sale; fields that an item omits are those of a tea at 10. */
  saveCatalogue(items: readonly object[], sale?: string): Promise<CallResponse>
  remove(): Promise<void>
}

/** An order core that accepts orders, with its own database and Redis. */
export async function createTestCore(
  options: { readonly redis?: Own<RedisServer>; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<TestCore> {
  const [database, redis, issuer] = await Promise.all([
    createTestDatabase(),
    options.redis ?? ownRedis(),
    createIssuer(),
  ])
  const addresses = { databaseUrl: database.url, redisUrl: redis.url, jwksUrl: issuer.jwksUrl }
  const core = await startCore({ ...addresses, settings: options.settings ?? {} })
  await eventually(async () => expect((await call(`${core.opsUrl}/readyz`)).body).toMatchObject({ ready: true }))
  const tea = { sku: 'tea', name: 'Tea', listPriceMinor: 20, salePriceMinor: 10, total: 10, perBuyerLimit: 2 }
  return {
    ...core,
    issuer,
    pool: database.pool,
    databaseUrl: database.url,
    redis,
    saveCatalogue: (items, sale = 'demo') => {
      const body = { currency: 'EUR', items: items.map((item) => ({ ...tea, ...item })) }
      return call(`${core.url}/admin/sales/${sale}/catalogue`, { method: 'PUT', token: ADMIN_TOKEN, body })
    },
    remove: async () => {
      await core.service.stop()
      issuer.close()
      await Promise.all([database.remove(), redis.remove()])
    },
  }
}

export interface CallResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Parsed JSON; undefined for a response without a body. */
  readonly body: unknown
}

/** Makes one HTTP call and reads the whole response. */
export async function call(
  url: string,
  {
    method = 'GET',
    token,
    key,
    headers,
    body,
  }: { method?: string; token?: string; key?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<CallResponse> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined,
  }
}
