import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createPool } from '@floodgate/database'
import type { OperatorAct } from '@floodgate/http'
import { createTestDatabase, eventually, type TestDatabase } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { insertActs } from './audit-store.ts'
import {
  createOperatorRetention,
  createOperators,
  createToken,
  listTokens,
  readAudit,
  revokeToken,
  TOKENS_MAX,
} from './index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.remove())

const hash = (token: string) => createHash('sha256').update(token).digest('hex')

function startOperators(app: string, pool = database.pool) {
  const metrics = new Registry()
  const operators = createOperators({ app, pool, log: silentLogger, metrics })
  operators.start()
  return { ...operators, metrics }
}

async function create(name: string) {
  const created = await createToken(database.pool, { name, role: 'operator', days: 30 }, 'a test')
  if (created === undefined) throw new Error('not created')
  return created
}

function actOf(route: string, more: Partial<OperatorAct> = {}): OperatorAct {
  return {
    ...{
      atMs: Date.now(),
      caller: { id: 'ada', name: 'Ada', role: 'operator', expiresAt: null },
      method: 'POST',
      route,
    },
    ...{ target: { sale: 'demo' }, traceId: 'f'.repeat(32), client: '192.0.2.1', status: 200, code: null },
    ...more,
  }
}

it('a token is shown once: the database has its hash, and the list neither', async () => {
  const { token, ...listed } = await create('Ada')
  expect(token).toMatch(/^fgop_[A-Za-z0-9_-]{43}$/)
  expect(await listTokens(database.pool)).toContainEqual(listed)
  const { rows } = await database.pool.query('select to_jsonb(tokens)::text as row from operators.tokens')
  expect(JSON.stringify(rows)).not.toContain(token.slice(5))
  expect(rows.some(({ row }) => row.includes(hash(token)))).toBe(true)
})

it('a token is accepted by every process at once, and rejected by all within seconds of its revocation', async () => {
  const processes = [startOperators('waiting-room'), startOperators('order-core')]
  const { token, id } = await create('Bob')
  for (const { guard } of processes) expect(await guard.tokens.lookUp(hash(token))).toMatchObject({ id, name: 'Bob' })
  const revoked = await revokeToken(database.pool, id, 'Ada')
  expect(revoked?.revokedAt).not.toBeNull()
  expect(await revokeToken(database.pool, id, 'Eve')).toEqual(revoked)
  await eventually(async () => {
    for (const { guard } of processes) expect(guard.tokens.find(hash(token))).toBeUndefined()
  })
  expect(await revokeToken(database.pool, randomUUID(), 'Ada')).toBeUndefined()
  await Promise.all(processes.map((each) => each.stop()))
})

it('an outage of the database locks no known operator out, and acts are stored after it', async () => {
  const { token } = await create('Carol')
  const flaky = createPool(database.url, { max: 1 })
  const { guard, metrics, stop } = startOperators('waiting-room', flaky)
  expect(await guard.tokens.lookUp(hash(token))).toBeDefined()
  const query = flaky.query
  flaky.query = (async () => {
    throw new Error('Connection terminated unexpectedly')
  }) as unknown as typeof query
  await expect(guard.tokens.lookUp(hash('fgop_unknown'))).rejects.toMatchObject({ code: 'unavailable' })
  expect(guard.tokens.find(hash(token))).toMatchObject({ name: 'Carol' })
  const recorded = guard.audit.record(actOf('/admin/outage'))
  expect(await metrics.metrics()).toContain('floodgate_audit_waiting 1')
  flaky.query = query
  await recorded
  await stop()
  const { entries } = await readAudit(database.pool, { limit: 10 })
  expect(entries[0]).toMatchObject({ route: '/admin/outage', app: 'waiting-room', token: { name: 'Ada' } })
  await flaky.end()
})

it('an act that cannot be stored does not end the audit of the acts after it', async () => {
  const { guard, metrics, stop } = startOperators('order-core')
  const hostile = [{ order: 'a\u0000b' }, { sale: randomBytes(9_000).toString('base64') }]
  for (const target of hostile) void guard.audit.record(actOf('/admin/hostile', { target }))
  await guard.audit.record(actOf('/admin/after'))
  await stop()
  const { entries } = await readAudit(database.pool, { limit: 10 })
  expect(entries[0]).toMatchObject({ route: '/admin/after' })
  expect(await metrics.metrics()).toMatch(/floodgate_audit_dropped_total 2\n/)
})

it('an act that is inserted twice is in the audit once, and pages continue each other', async () => {
  const acts = ['/one', '/two', '/three'].map((route) => ({
    key: randomUUID(),
    act: actOf(route, { target: { sale: 'paged' } }),
  }))
  await insertActs(database.pool, 'order-core', acts)
  await insertActs(database.pool, 'order-core', acts)
  const first = await readAudit(database.pool, { limit: 2, sale: 'paged' })
  expect(first.entries.map(({ route }) => route)).toEqual(['/three', '/two'])
  const rest = await readAudit(database.pool, { limit: 2, sale: 'paged', before: first.next ?? undefined })
  expect([rest.entries.map(({ route }) => route), rest.next]).toEqual([['/one'], null])
  expect((await readAudit(database.pool, { limit: 2, sale: 'paged', token: 'nobody' })).entries).toEqual([])
})

it('an entry cannot be changed, and not deleted before the least retention', async () => {
  const changes = [
    "update operators.audit set status = 500 where sale = 'paged'",
    "delete from operators.audit where sale = 'paged'",
    'truncate operators.audit',
  ]
  for (const change of changes) await expect(database.pool.query(change)).rejects.toThrow('operators.audit only grows')
  expect((await readAudit(database.pool, { limit: 9, sale: 'paged' })).entries).toHaveLength(3)
})

it('old entries and tokens are exported and deleted; the rest stays', async () => {
  const { pool } = database
  const DAY = 86_400_000
  await insertActs(pool, 'notifier', [
    { key: randomUUID(), act: actOf('/old', { atMs: Date.now() - 31 * DAY, target: { sale: 'aged' } }) },
    { key: randomUUID(), act: actOf('/new', { atMs: Date.now() - 29 * DAY, target: { sale: 'aged' } }) },
  ])
  await pool.query(
    `insert into operators.tokens (id, name, role, sha256, created_by, expires_at)
     select gen_random_uuid(), 'expired ' || days, 'viewer', 'hash ' || days, 'a test', now() - make_interval(days => days)
     from unnest(array[31, 29]) as days`,
  )
  expect(createOperatorRetention({ pool, days: 0 })).toEqual([])
  const exported: string[] = []
  for (const task of createOperatorRetention({ pool, days: 30 })) {
    expect(Date.now() - Number(await task.oldest())).toBeGreaterThan(30 * DAY)
    expect(await task.deleteBatch(async (_, rows) => void exported.push(...rows))).toBe(1)
  }
  expect(exported.map((row) => JSON.parse(row))).toMatchObject([{ route: '/old' }, { name: 'expired 31' }])
  expect((await readAudit(pool, { limit: 9, sale: 'aged' })).entries.map(({ route }) => route)).toEqual(['/new'])
  expect((await listTokens(pool)).map(({ name }) => name)).toContain('expired 29')
})

it('there are no more tokens in force than every process keeps, however many are requested at once', async () => {
  await database.pool.query(
    `insert into operators.tokens (id, name, role, sha256, created_by, expires_at)
     select gen_random_uuid(), 'crowd', 'viewer', 'hash of ' || n, 'a test', now() + interval '1 day'
     from generate_series(1, ${TOKENS_MAX} - 2 - (select count(*)::int from operators.tokens where revoked_at is null and expires_at > now())) n`,
  )
  const crowd = Array.from({ length: 5 }, () =>
    createToken(database.pool, { name: 'one more', role: 'viewer', days: 1 }, 'a test'),
  )
  expect((await Promise.all(crowd)).filter((created) => created !== undefined)).toHaveLength(2)
})
