import { runChecks } from '@floodgate/runtime'
import { startIssuer } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChecks } from './checks.ts'
import { operator, startRooms } from './testing/start-rooms.ts'

let started: Awaited<ReturnType<typeof startRooms>>
let issuer: Awaited<ReturnType<typeof startIssuer>>
beforeAll(async () => {
  started = await startRooms(1)
  issuer = await startIssuer()
})
afterAll(async () => {
  issuer.close()
  await started.remove()
})

async function checkRoom(settings: Partial<typeof started.config> = {}) {
  const publicUrl = started.rooms[0]?.url() ?? ''
  const results = await runChecks(createChecks({ ...started.config, publicUrl, ...settings }))
  return new Map(results.map(({ name, finding }) => [name, finding]))
}

test('a waiting room checks its servers, its keys, the issuers of its sales, and the apps that its pages call', async () => {
  const findings = await checkRoom()
  for (const name of ['Postgres', 'Redis', 'signing keys', 'issuers of ID tokens', 'this app'])
    expect(findings.get(name), name).toMatchObject({ kind: 'ok' })
  for (const name of ['order core', 'notifier', 'payment worker'])
    expect(findings.get(name), name).toMatchObject({ kind: 'warning' })
})

test('a key file that cannot sign is a failure', async () => {
  const findings = await checkRoom({ floodgateKeys: '/nowhere/keys.json' })
  expect(findings.get('signing keys')).toMatchObject({
    kind: 'failed',
    problem: expect.stringContaining('no such file'),
  })
})

test('an issuer whose keys cannot be read is a failure, and named', async () => {
  async function putSale(jwksUrl: string) {
    const identity = { mode: 'required', issuer: 'https://shop.example', audience: 'line', jwksUrl }
    await started.pool.query(`update rooms.sales set identity = $1 where id = 'identified'`, [identity])
  }
  const body = { name: 'A sale', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 60 }
  const created = await started.request('PUT', '/admin/sales/identified', { headers: operator, body })
  expect(created.ok).toBe(true)
  await putSale(issuer.jwksUrl)
  expect((await checkRoom()).get('issuers of ID tokens')).toEqual({ kind: 'ok', detail: '1 in use' })
  await putSale('http://127.0.0.1:1/jwks.json')
  expect((await checkRoom()).get('issuers of ID tokens')).toMatchObject({
    kind: 'failed',
    problem: expect.stringContaining('http://127.0.0.1:1/jwks.json'),
  })
})
