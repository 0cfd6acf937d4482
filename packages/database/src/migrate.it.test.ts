import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type FreshDatabase, freshDatabase, temporaryDirectory } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MigrationError, migrate, migrationState } from './migrate.ts'
import { createPool } from './pool.ts'
import { createPrisma } from './prisma.ts'
import { withSchemaEngine } from './schema-engine.ts'
import { readMigrations } from './schema-files.ts'

describe('migrating', () => {
  let database: FreshDatabase
  beforeEach(async () => {
    database = await freshDatabase()
  })
  afterEach(() => database.drop())

  it('migrates an empty database to the newest schema, and does nothing the second time', async () => {
    expect((await migrationState(database.url)).upToDate).toBe(false)
    const progress: string[] = []

    const { applied } = await migrate(database.url, { onProgress: (line) => progress.push(line) })

    expect(applied.length).toBeGreaterThanOrEqual(4)
    expect(progress).toContain(`applied ${applied[0]}`)
    expect(await migrate(database.url)).toEqual({ applied: [] })
    expect((await migrationState(database.url)).upToDate).toBe(true)
  })

  it('may be called concurrently: one call does the work, the others find it done', async () => {
    const outcomes = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)])
    expect(outcomes.filter(({ applied }) => applied.length > 0)).toHaveLength(1)
    expect((await migrationState(database.url)).upToDate).toBe(true)
  })

  it('repeats a migration that a kill had interrupted', async () => {
    await migrate(database.url)
    await execute(database.url, `drop schema notices cascade`)
    await execute(
      database.url,
      `update _prisma_migrations set finished_at = null, applied_steps_count = 0 where migration_name like '%_notices'`,
    )

    const { applied } = await migrate(database.url)

    expect(applied).toEqual([expect.stringContaining('_notices')])
    expect(await migrationState(database.url)).toMatchObject({ upToDate: true })
  })

  it('applies a migration completely or not at all, whatever semicolons are in its comments', async () => {
    const known = readMigrations()
    const value = 'create table left_over (n int); -- two; halves\nselect 1 / 0;'
    const broken = {
      path: '29990101000000_broken',
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } },
    }
    const migrations = { ...known, migrationDirectories: [...known.migrationDirectories, broken] }
    await expect(withSchemaEngine(database.url, (engine) => engine.apply(), migrations)).rejects.toThrow(
      'division by zero',
    )
    await expect(execute(database.url, 'select from left_over')).rejects.toThrow('does not exist')
    await expect(execute(database.url, 'select from orders.orders')).resolves.toBeUndefined()
  })

  it('rejects a database that applied another text of a migration', async () => {
    await migrate(database.url)
    await execute(database.url, `update _prisma_migrations set checksum = 'x' where migration_name like '%_rooms'`)
    await expect(migrate(database.url)).rejects.toThrow(MigrationError)
    await expect(migrate(database.url)).rejects.toThrow(/_rooms was changed/)
  })

  it('rejects a database of a newer release', async () => {
    await migrate(database.url)
    await execute(
      database.url,
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ('1', 'x', '29990101000000_later', now(), 1)`,
    )
    await expect(migrate(database.url)).rejects.toThrow(/does not have: 29990101000000_later/)
  })

  it('leaves a database that the Prisma client can read and write', async () => {
    await migrate(database.url)
    const lazy = createPrisma(database.url, { connectionsMax: 1 })
    try {
      const prisma = await lazy.client()
      const sale = {
        id: 'demo',
        name: 'Demo',
        state: 'open',
        admitPerSecond: 0.5,
        maxActive: 3,
        admissionTtlSeconds: 60,
      }
      await prisma.sale.create({ data: sale })
      expect(await prisma.sale.findUnique({ where: { id: 'demo' } })).toMatchObject({
        ...sale,
        version: 1,
        opensAt: null,
      })
    } finally {
      await lazy.close()
    }
  })
})

async function execute(url: string, statement: string): Promise<void> {
  const pool = createPool(url, { max: 1 })
  try {
    await pool.query(statement)
  } finally {
    await pool.end()
  }
}

describe('the command that containers run', () => {
  const command = fileURLToPath(new URL('./main.ts', import.meta.url))
  const { DATABASE_URL: _, ...environment } = process.env
  const runWith = (env: Readonly<Record<string, string>>) =>
    promisify(execFile)(process.execPath, [command], { env: { ...environment, ...env } })

  it('reads the URL of the database from the file that DATABASE_URL_FILE names', async () => {
    const database = await freshDatabase()
    const { path, remove } = await temporaryDirectory()
    const file = join(path, 'DATABASE_URL')
    try {
      await writeFile(file, `${database.url}\n`)
      expect((await runWith({ DATABASE_URL_FILE: file })).stdout).toContain('applied ')
      expect((await migrationState(database.url)).upToDate).toBe(true)
      const both = { DATABASE_URL: database.url, DATABASE_URL_FILE: file }
      await expect(runWith(both)).rejects.toMatchObject({ code: 78, stderr: expect.stringContaining('are both set') })
    } finally {
      await remove()
      await database.drop()
    }
  })

  it('exits 78 without a URL, and names the variable', async () => {
    await expect(runWith({})).rejects.toMatchObject({ code: 78, stderr: expect.stringContaining('DATABASE_URL') })
  })
})
