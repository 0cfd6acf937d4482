import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, eventually, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { createChargeRetention } from './delete-charges.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = database.pool
})
afterAll(() => database.remove())

const insert = async (name: string, charge: { status: string; days: number; refund?: string; refundDays?: number }) => {
  const id = crypto.randomUUID()
  await pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, provider_charge_id,
       charge_by, created_at, updated_at)
     values ($1::uuid, $1::text, $2, 100, 'EUR', 'sim_ok', $3, 'c', now(), now() - make_interval(days => $4), now() - make_interval(days => $4))`,
    [id, name, charge.status, charge.days],
  )
  if (charge.refund !== undefined)
    await pool.query(
      `insert into payments.refunds (order_id, request_version, key, status, updated_at)
       values ($1::uuid, 3, 'refund:' || $1::text, $2, now() - make_interval(days => $3))`,
      [id, charge.refund, charge.refundDays ?? charge.days],
    )
}
const left = async () =>
  (await pool.query<{ sale: string }>('select sale from payments.charges order by sale')).rows.map(({ sale }) => sale)

it('charges that are over are deleted with their refunds, after their export; open ones and those waiting for an operator stay', async () => {
  await insert('approved', { status: 'approved', days: 31 })
  await insert('declined', { status: 'declined', days: 31 })
  await insert('refunded', { status: 'approved', days: 31, refund: 'refunded' })
  const kept = [
    ['young', { status: 'approved', days: 29 }],
    ['started', { status: 'started', days: 31 }],
    ['unknown', { status: 'unknown', days: 31 }],
    ['refund-asked', { status: 'approved', days: 31, refund: 'requested' }],
    ['refund-refused', { status: 'approved', days: 31, refund: 'refused' }],
    ['refunded-lately', { status: 'approved', days: 31, refund: 'refunded', refundDays: 2 }],
  ] as const
  for (const [name, charge] of kept) await insert(name, charge)
  expect(createChargeRetention({ pool, days: 0 })).toEqual([])
  const [task] = createChargeRetention({ pool, days: 30 })
  const full = task?.deleteBatch(async () => {
    throw new Error('no space left on device')
  })
  await expect(full).rejects.toThrow('no space')
  expect(await left()).toHaveLength(9)

  const exported: string[] = []
  expect(await task?.deleteBatch(async (_, rows) => void exported.push(...rows))).toBe(3)
  expect(await task?.deleteBatch(async () => undefined)).toBe(0)
  expect(await left()).toEqual(kept.map(([name]) => name).toSorted())
  expect((await pool.query('select count(*)::int as n from payments.refunds')).rows).toEqual([{ n: 3 }])
  const rows = exported.map((row) => JSON.parse(row)).sort((a, b) => (a.sale < b.sale ? -1 : 1))
  expect(rows).toMatchObject([{ sale: 'approved' }, { sale: 'declined' }, { refund: { status: 'refunded' } }])
  expect(exported.join('')).not.toContain('sim_ok')
})

it('a worker deletes by itself what is past its retention, and rejects a directory that it cannot export to', async () => {
  const fixture = await startFixture()
  const insertOld = (days: number) =>
    fixture.pool.query(
      `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, provider_charge_id,
         charge_by, created_at, updated_at)
       values (gen_random_uuid(), $1::int::text, 'demo', 100, 'EUR', '', 'approved', 'c', now(), now() - make_interval(days => $1::int),
         now() - make_interval(days => $1::int))`,
      [days],
    )
  await insertOld(41)
  await insertOld(39)
  const directory = await mkdtemp(join(tmpdir(), 'charges-'))
  const settings = { CHARGE_RETENTION_DAYS: '40', RETENTION_SWEEP_SECONDS: '0.1', RETENTION_EXPORT_DIR: directory }
  await expect(fixture.startWorker({ ...settings, RETENTION_EXPORT_DIR: join(directory, 'missing') })).rejects.toThrow(
    'ENOENT',
  )
  const worker = await fixture.startWorker(settings)
  await eventually(async () => {
    const { rows } = await fixture.pool.query('select key from payments.charges')
    expect(rows).toEqual([{ key: '39' }])
  })
  await worker.stop()
  expect(await readdir(directory)).toEqual([expect.stringMatching(/^payments\.charges\..*\.jsonl\.gz$/)])
  await rm(directory, { recursive: true })
  await fixture.stop()
})
