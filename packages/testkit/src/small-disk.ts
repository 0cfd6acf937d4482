import { execFile } from 'node:child_process'
import { mkdir, open, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const MIB = 1024 ** 2
const FILLER = 'filler'

/** A file system of a few MiB that holds a database's tables, and can be filled to its last byte. */
export interface SmallDisk {
  /** Fills it completely. Returns how many bytes that took. */
  fill(): Promise<number>
  /** Deletes what `fill` wrote. */
  free(): Promise<void>
  /** Moves the tables back and unmounts the file system. The database must be writable. */
  remove(): Promise<void>
}

/**
 * Moves all tables and indexes of a database to a small file system. The write-ahead log is not moved: the server
 * continues, and statements that need another page fail with 53100. Needs a superuser's URL and the right to mount.
 */
export async function moveToSmallDisk(options: {
  readonly url: string
  /** The server's data directory: the file system is mounted next to it and belongs to the same user. */
  readonly dataDir: string
  readonly sizeMiB: number
}): Promise<SmallDisk> {
  const path = `${options.dataDir}-small`
  const { uid, gid } = await stat(options.dataDir)
  await mkdir(path)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${options.sizeMiB}m,mode=0700,uid=${uid},gid=${gid}`, 'tmpfs', path])
  async function moveAll(from: string, to: string): Promise<void> {
    await administer(options.url, [
      `alter table all in tablespace ${from} set tablespace ${to}`,
      `alter index all in tablespace ${from} set tablespace ${to}`,
    ])
  }
  await administer(options.url, [`create tablespace small location '${path}'`])
  await moveAll('pg_default', 'small')
  await administer(options.url, await statementsThatLeaveNoRoom(options.url))
  return {
    async fill() {
      const file = await open(join(path, FILLER), 'a')
      let written = 0
      try {
        for (const chunk of [Buffer.alloc(MIB), Buffer.alloc(4096)]) written += await writeUntilFull(file, chunk)
      } finally {
        await file.close()
      }
      return written
    },
    free: () => rm(join(path, FILLER), { force: true }),
    async remove() {
      await moveAll('small', 'pg_default')
      await administer(options.url, ['drop tablespace small'])
      await run('umount', [path])
      await rmdir(path)
    },
  }
}

/**
 * Makes nearly every row take another page from now on: with room in the existing pages, a full disk would go unnoticed
 * for long.
 */
async function statementsThatLeaveNoRoom(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where tablespace = 'small'`,
    )
    return rows.map(({ name }) => `alter table ${name} set (fillfactor = 10)`)
  } finally {
    await client.end()
  }
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<number> {
  for (let written = 0; ; ) {
    try {
      written += (await file.write(chunk)).bytesWritten
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return written
      throw error
    }
  }
}

/** Runs each statement separately: a tablespace cannot be created in a transaction. */
async function administer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
