import { setTimeout as delay } from 'node:timers/promises'
import { joinResponse } from '@floodgate/contracts'
import { migrate } from '@floodgate/database'
import {
  freeze,
  ownPostgres,
  ownRedis,
  startAppProcess,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operator } from '../testing/start-rooms.ts'
import { createKeyFile } from '../tokens/create-key-file.ts'

const SALES = 12
/** A statement is given up after 15 s: an earlier response cannot have waited for it. */
const STATEMENT_MS = 15_000
const settings = { name: 'Mute', admitPerSecond: 20, maxActive: 1_000, admissionTtlSeconds: 600 }

let postgres: Awaited<ReturnType<typeof ownPostgres>>
let redis: Awaited<ReturnType<typeof ownRedis>>
let directory: TemporaryDirectory
beforeAll(async () => {
  ;[postgres, redis, directory] = await Promise.all([ownPostgres(), ownRedis(), temporaryDirectory()])
  await migrate(postgres.url)
  await createKeyFile(`${directory.path}/keys.json`)
})
afterAll(() => Promise.all([postgres.remove(), redis.remove(), directory.remove()]))

function startRoom(environment: Record<string, string> = {}) {
  return startAppProcess(new URL('../main.ts', import.meta.url), {
    directory: directory.path,
    settings: {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      ADMIN_TOKEN: ADMIN_TOKEN,
      FLOODGATE_KEYS: `${directory.path}/keys.json`,
      ...environment,
    },
  })
}

async function request(method: string, url: string, body?: object) {
  const headers = { ...operator, 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
}

/** Gives every kind of background work something to do: archiving, revocations, reconciling, the relay. */
async function startSales(url: string, label: string) {
  for (let index = 0; index < SALES; index += 1) {
    await request('PUT', `${url}/admin/sales/${label}-${index}`, settings)
    await request('POST', `${url}/admin/sales/${label}-${index}/open`)
  }
  const joins = Array.from({ length: SALES * 3 }, async (_, index) => {
    const sale = `${url}/sales/${label}-${index % SALES}`
    const { ticket } = joinResponse.parse(await (await fetch(`${sale}/tickets`, { method: 'POST' })).json())
    return { sale, headers: { authorization: `Bearer ${ticket}` } }
  })
  return await Promise.all(joins)
}

/** Sends every request of a buyer, while servers are unresponsive. */
async function askEverything(url: string, { sale, headers }: { sale: string; headers: Record<string, string> }) {
  const startedMs = performance.now()
  const responses = await Promise.all([
    fetch(`${sale}/tickets`, { method: 'POST' }),
    fetch(`${sale}/ticket`, { headers }),
    fetch(`${sale}/ticket`, { method: 'DELETE', headers }),
    fetch(`${sale}/board`),
    fetch(sale),
    fetch(`${sale}/revocations`),
    fetch(`${url}/sales/unknown/board`),
  ])
  for (const { status, headers } of responses)
    if (status >= 500) expect([status, headers.has('retry-after')]).toEqual([503, true])
  expect(responses.map(({ status }) => status)).toContain(503)
  expect(performance.now() - startedMs).toBeLessThan(STATEMENT_MS)
}

it.each([
  ['postgres', ['postgres'], {}],
  ['redis', ['redis'], {}],
  ['both', ['postgres', 'redis'], {}],
  ['soon', ['postgres', 'redis'], { SHUTDOWN_SECONDS: '4' }],
] as const)('a process ends in order while servers are unresponsive: %s', async (label, mute, environment) => {
  const { child, url, said, exited } = await startRoom(environment)
  const buyers = await startSales(url, label)
  const servers = { postgres, redis }
  const thaws = await Promise.all(mute.map((name) => freeze(servers[name].pid)))
  try {
    const [first] = buyers
    if (first === undefined) throw new Error('the line is empty')
    await askEverything(url, first)
    // Requests, ticks and rounds hang; the test does not wait for their responses.
    for (const { sale, headers } of buyers)
      fetch(`${sale}/ticket`, { method: 'DELETE', headers }).catch(() => undefined)
    for (const index of buyers.keys()) fetch(`${url}/sales/unknown-${index}/board`).catch(() => undefined)
    await delay(500)
    child.kill('SIGTERM')
    // The process itself exits with 1 after SHUTDOWN_SECONDS.
    expect([await exited, said().includes('not stopped')]).toEqual([[0, null], false])
  } finally {
    for (const thaw of thaws) thaw()
    child.kill('SIGKILL')
  }
})
