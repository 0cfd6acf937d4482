import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePort } from '@floodgate/local-servers'
import { createFailPoints, createMetrics, type Logger, loadConfig, type Service } from '@floodgate/runtime'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createApp } from '../app.ts'
import { definition } from '../config.ts'

export const adminToken = 'operator-token-of-a-test'

/** The settings without a default, but for addresses. */
export const coreSecrets = {
  ADMIN_TOKEN: adminToken,
  EMAIL_KEY: Buffer.alloc(32, 7).toString('base64url'),
  PAYMENT_KEY: Buffer.alloc(32, 8).toString('base64url'),
}

export const silentLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}

/** Signs admissions and publishes its key over HTTP, as the waiting room does. */
export const createIssuer = async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' }
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => listening.resolve())
  await listening.promise
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    admit: (claims: Readonly<Record<string, unknown>> = {}) =>
      new SignJWT({
        iss: 'floodgate',
        aud: 'order-core',
        sub: crypto.randomUUID(),
        jti: crypto.randomUUID(),
        sale: 'demo',
        iat: Math.floor(Date.now() / 1_000),
        exp: Math.floor(Date.now() / 1_000) + 60,
        ...claims,
      })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'test' })
        .sign(privateKey),
    close: () => server.close(),
  }
}

export interface RunningCore {
  readonly url: string
  readonly opsUrl: string
  readonly service: Service
}

/** An order core on a free port of this machine. */
export const startCore = async (options: {
  databaseUrl: string
  redisUrl: string
  jwksUrl: string
  flags?: readonly string[]
}): Promise<RunningCore> => {
  const port = await freePort()
  const loaded = loadConfig(definition, {
    argv: [`--port=${port}`, '--ops-port=0', '--environment=development', ...(options.flags ?? [])],
    env: {
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      ...coreSecrets,
      JWKS_URL: options.jwksUrl,
    },
  })
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  const service = await createApp(loaded.config, {
    log: silentLog,
    metrics: createMetrics('order-core'),
    reachFailPoint: createFailPoints({ entries: [], environment: 'development', log: silentLog }),
    onFatal: (error) => {
      throw error
    },
  })
  await service.start()
  return { url: `http://127.0.0.1:${port}`, opsUrl: service.opsUrl(), service }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Parsed JSON; undefined for an answer without a body. */
  readonly body: unknown
}

/** One HTTP call, answered whole. */
export const call = async (
  url: string,
  { method = 'GET', token, key, body }: { method?: string; token?: string; key?: string; body?: unknown } = {},
): Promise<Answer> => {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
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
