import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { joinAnswer, readiness } from '@floodgate/contracts'
import { migrate } from '@floodgate/database'
import {
  eventually,
  freeze,
  ownPostgres,
  ownRedis,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKeyFile } from './admission/create-key-file.ts'
import { adminToken, operator } from './testing/start-rooms.ts'

const SALES = 12
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

async function startRoom(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [new URL('./main.ts', import.meta.url).pathname], {
    cwd: directory.path,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      OPS_PORT: '0',
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      ADMIN_TOKEN: adminToken,
      FLOODGATE_KEYS: `${directory.path}/keys.json`,
      ...environment,
    },
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  const { url, opsUrl } = await eventually(() => {
    const line = said.split('\n').find((each) => each.includes('"listening"'))
    return JSON.parse(line ?? '') as { url: string; opsUrl: string }
  })
  await eventually(async () => {
    const answer = await (await fetch(`${opsUrl}/readyz`)).json()
    expect(readiness.parse(answer)).toMatchObject({ ready: true, degraded: [] })
  })
  return { child, url, said: () => said }
}

async function request(method: string, url: string, body?: object) {
  const headers = { ...operator, 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
}

/** Every kind of background work has something to do: archiving, revocations, reconciling, the relay. */
async function startSales(url: string, label: string) {
  for (let index = 0; index < SALES; index += 1) {
    await request('PUT', `${url}/admin/sales/${label}-${index}`, settings)
    await request('POST', `${url}/admin/sales/${label}-${index}/open`)
  }
  const joins = Array.from({ length: SALES * 3 }, async (_, index) => {
    const sale = `${url}/sales/${label}-${index % SALES}`
    const { ticket } = joinAnswer.parse(await (await fetch(`${sale}/tickets`, { method: 'POST' })).json())
    return { sale, headers: { authorization: `Bearer ${ticket}` } }
  })
  return await Promise.all(joins)
}

it.each([
  ['postgres', ['postgres'], {}],
  ['redis', ['redis'], {}],
  ['both', ['postgres', 'redis'], {}],
  ['soon', ['postgres', 'redis'], { SHUTDOWN_SECONDS: '4' }],
] as const)('a room ends in order while servers are mute: %s', async (label, mute, environment) => {
  const { child, url, said } = await startRoom(environment)
  const buyers = await startSales(url, label)
  const servers = { postgres, redis }
  const exited = once(child, 'exit')
  const thaws = await Promise.all(mute.map((name) => freeze(servers[name].pid)))
  try {
    // Requests, ticks and rounds that hang; nobody waits for their answers.
    for (const { sale, headers } of buyers)
      fetch(`${sale}/ticket`, { method: 'DELETE', headers }).catch(() => undefined)
    for (const index of buyers.keys()) fetch(`${url}/sales/unknown-${index}/board`).catch(() => undefined)
    await delay(1_500)
    child.kill('SIGTERM')
    // The process itself ends with 1 after SHUTDOWN_SECONDS.
    expect([await exited, said().includes('not stopped')]).toEqual([[0, null], false])
  } finally {
    for (const thaw of thaws) thaw()
    child.kill('SIGKILL')
  }
})
