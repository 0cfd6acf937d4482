import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type Finding, runChecks } from '@floodgate/runtime'
import { demotePostgres, freshDatabase, migratedDatabase, ownPostgres } from '@floodgate/testkit'
import { expect, it } from 'vitest'
import { databaseCheck } from './database-check.ts'
import { closePool, createPool } from './pool.ts'

async function findingOf(url: string, msMax?: number): Promise<Finding | undefined> {
  const [result] = await runChecks([databaseCheck(url)], msMax === undefined ? {} : { msMax })
  return result?.finding
}
const problemWith = (words: string) => ({ kind: 'failed', problem: expect.stringContaining(words) })

it('a migrated primary is accepted, and also one of a newer release', async () => {
  const database = await migratedDatabase()
  try {
    expect(await findingOf(database.url)).toEqual({ kind: 'ok', detail: 'primary, migrated' })
    const pool = createPool(database.url, { max: 1 })
    await pool.query(`insert into _prisma_migrations (id, checksum, migration_name, finished_at)
      values ('newer', 'newer', '99991231235959_newer', now())`)
    await closePool(pool)
    expect(await findingOf(database.url)).toMatchObject({ kind: 'ok' })
  } finally {
    await database.drop()
  }
})

it('a missing database, one without migrations, and a wrong password each get their own message', async () => {
  const database = await freshDatabase()
  try {
    expect(await findingOf(database.url)).toMatchObject(problemWith('lacks'))
    const missing = new URL(database.url)
    missing.pathname = '/nowhere'
    expect(await findingOf(missing.href)).toMatchObject(problemWith('does not exist'))
    const wrong = new URL(database.url)
    wrong.password = 'wrong-password'
    const finding = await findingOf(wrong.href)
    expect(finding).toMatchObject(problemWith('rejected the password'))
    expect(JSON.stringify(finding)).not.toContain('wrong-password')
  } finally {
    await database.drop()
  }
})

it('a standby is rejected: it accepts no writes', async () => {
  const server = await ownPostgres()
  try {
    await server.stop()
    await demotePostgres(server.dataDir)
    await server.restart()
    expect(await findingOf(server.url)).toMatchObject(problemWith('standby'))
  } finally {
    await server.remove()
  }
})

it('a server that accepts connections and never responds fails after the time of a check', async () => {
  const mute = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo
  try {
    expect(await findingOf(`postgres://user:word@127.0.0.1:${port}/x`, 200)).toMatchObject(problemWith('no response'))
    await new Promise((resolve) => mute.close(resolve))
    expect(await findingOf(`postgres://user:word@127.0.0.1:${port}/x`)).toMatchObject(problemWith('refused'))
  } finally {
    mute.close()
  }
})
