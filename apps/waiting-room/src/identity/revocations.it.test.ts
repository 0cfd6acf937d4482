import { identityRevocationList } from '@floodgate/contracts'
import { buyerOfAccount, nameOfToken } from '@floodgate/contracts/account'
import { createPool, migrate } from '@floodgate/database'
import { freshDatabase } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ISSUER } from '../testing/test-issuer.ts'
import {
  eraseSubject,
  listRevocations,
  REVOCATIONS_MAX,
  readRevocationChanges,
  recordRevocation,
} from './revocation-store.ts'
import { createRevocations } from './revocations.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: Pool
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.url)
  pool = createPool(database.url, { max: 4 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
beforeEach(() => pool.query('truncate rooms.identity_revocations'))

const buyerOf = (subject: string) => buyerOfAccount({ issuer: ISSUER, subject })
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()
const revoke = (subject: string, until = inAnHour()) => recordRevocation(pool, { issuer: ISSUER, subject, until })
const account = (subject: string, jti?: string) => ({
  buyer: buyerOf(subject),
  idToken: jti === undefined ? '' : nameOfToken({ issuer: ISSUER, jti }),
})
/** A process with a clock of its own. */
const createProcess = () => {
  const clock = { ms: 1_000 }
  const heard: string[] = []
  const revocations = createRevocations({ pool, log: silentLogger, now: () => clock.ms })
  revocations.listen((revoked) => heard.push(...revoked.map(({ name }) => name)))
  return { clock, heard, revocations }
}

it('a process that was stopped reads before it lets an account in', async () => {
  const { clock, revocations } = createProcess()
  await revocations.refresh()
  await revoke('ann')
  expect(() => revocations.reject(account('ann'))).not.toThrow()
  expect(revocations.rejectNow(account('ann'))).toBeUndefined()
  clock.ms += 1_501
  await expect(revocations.rejectNow(account('ann'))).rejects.toMatchObject({ code: 'identity-revoked' })
  expect(() => revocations.reject(account('ann'))).toThrow()
  await expect(Promise.resolve(revocations.rejectNow(account('bob')))).resolves.toBeUndefined()
})

it('a read that began before the process was stopped does not count as a new one', async () => {
  const { clock, revocations } = createProcess()
  await revocations.refresh()
  const begun = revocations.refresh()
  clock.ms += 60_000
  await revoke('ann')
  await expect(revocations.rejectNow(account('ann'))).rejects.toMatchObject({ code: 'identity-revoked' })
  await begun
})

it('an account is rejected while the revocations cannot be read, an anonymous buyer never', async () => {
  const dead = createPool('postgres://127.0.0.1:9/none', { max: 1 })
  const revocations = createRevocations({ pool: dead, log: silentLogger })
  await expect(revocations.rejectNow(account('ann'))).rejects.toMatchObject({
    code: 'unavailable',
    headers: { 'retry-after': '2' },
  })
  expect(revocations.rejectNow({ buyer: buyerOf('ann') })).toBeUndefined()
  await dead.end()
})

it('each change is read once, whatever comes in between, and a prune loses none', async () => {
  const { clock, heard, revocations } = createProcess()
  await Promise.all(['a', 'b', 'c'].map((subject) => revoke(subject)))
  await revocations.refresh()
  for (const subject of ['d', 'e', 'f']) await revoke(subject)
  await revocations.refresh()
  await revocations.refresh()
  expect(heard.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map(buyerOf).toSorted())
  // The newest rows are gone, as after a prune: the rest is read again, and the next change is not missed.
  await pool.query('delete from rooms.identity_revocations where value in ($1, $2)', ['e', 'f'])
  await revocations.refresh()
  expect(revocations.count()).toBe(4)
  await revoke('g')
  await revocations.refresh()
  clock.ms += 1
  expect(revocations.isRevoked(account('g'))).toBe(true)
})

it('a changed one counts until its new end, by the time left and not by a clock', async () => {
  const { clock, revocations } = createProcess()
  await revoke('ann', new Date(Date.now() + 10_000).toISOString())
  await revocations.refresh()
  clock.ms += 9_000
  expect(revocations.isRevoked(account('ann'))).toBe(true)
  clock.ms += 1_001
  expect(revocations.isRevoked(account('ann'))).toBe(false)
  await revoke('ann', inAnHour())
  await revocations.refresh()
  expect(revocations.isRevoked(account('ann'))).toBe(true)
  await revoke('ann', new Date(Date.now() - 1_000).toISOString())
  await revocations.refresh()
  expect([revocations.isRevoked(account('ann')), revocations.count()]).toEqual([false, 0])
})

it('ID tokens and accounts are revoked separately, and so are those of another issuer', async () => {
  const { revocations } = createProcess()
  await recordRevocation(pool, { issuer: ISSUER, jti: 'ann', until: inAnHour() })
  await recordRevocation(pool, { issuer: 'https://other.example', subject: 'bob', until: inAnHour() })
  await revocations.refresh()
  expect(revocations.isRevoked(account('ann'))).toBe(false)
  expect(revocations.isRevoked(account('bob', 'bob'))).toBe(false)
  expect(revocations.isRevoked(account('carl', 'ann'))).toBe(true)
})

it('a repeated revocation changes nothing, and concurrent ones are recorded once', async () => {
  const until = inAnHour()
  const kinds = (await Promise.all(Array.from({ length: 8 }, () => revoke('ann', until)))).map(({ kind }) => kind)
  expect(kinds.toSorted()).toEqual(['created', ...Array.from({ length: 7 }, () => 'same')])
})

it('their number is bounded, and ended ones do not count', async () => {
  await pool.query(
    `insert into rooms.identity_revocations (name, kind, issuer, value, until)
     select 'n-' || n, 'account', 'x', n, now() + interval '1 hour' from generate_series(1, $1) n`,
    [REVOCATIONS_MAX],
  )
  expect(await revoke('ann')).toEqual({ kind: 'full' })
  const known = await recordRevocation(pool, { issuer: 'x', subject: 'other', until: inAnHour() })
  expect(known).toEqual({ kind: 'full' })
  await pool.query(`update rooms.identity_revocations set until = now() - interval '1 s' where name = 'n-1'`)
  expect((await revoke('ann')).kind).toBe('created')
  expect((await readRevocationChanges(pool, 0)).changes).toHaveLength(REVOCATIONS_MAX)
  // Nor by one that was revoked before, whose row is kept for a day; one in force may change.
  await pool.query(`update rooms.identity_revocations set until = now() - interval '1 s' where name = $1`, [
    buyerOf('ann'),
  ])
  expect((await revoke('bob')).kind).toBe('created')
  expect(await revoke('ann')).toEqual({ kind: 'full' })
  expect((await revoke('bob', new Date(Date.now() + 60_000).toISOString())).kind).toBe('changed')
  expect((await readRevocationChanges(pool, 0)).changes).toHaveLength(REVOCATIONS_MAX)
})

it('an erased subject stays revoked without its name', async () => {
  const { revocations } = createProcess()
  await revoke('ann')
  expect(await eraseSubject(pool, buyerOf('ann'))).toBe(1)
  expect(await eraseSubject(pool, buyerOf('ann'))).toBe(0)
  const { rows } = await pool.query('select value from rooms.identity_revocations')
  expect(rows).toEqual([{ value: '' }])
  const listed = await listRevocations(pool, { before: undefined, limit: 10 })
  const { revocations: shown } = identityRevocationList.parse({ ...listed, revocations: [...listed.revocations] })
  expect(shown).toMatchObject([{ issuer: ISSUER, buyer: buyerOf('ann') }])
  expect(shown[0]).not.toHaveProperty('subject')
  await revocations.refresh()
  expect(revocations.isRevoked(account('ann'))).toBe(true)
})
