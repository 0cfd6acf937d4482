import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../../../prisma', import.meta.url))
const migrationsDirectory = join(directory, 'migrations')

/** Reads `prisma/*.prisma`, as [path, content]. */
export function readSchema(): [string, string][] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.prisma'))
  return names.sort().map((name) => [join(directory, name), readFileSync(join(directory, name), 'utf8')])
}

/** Returns the names of this release's migrations, in their order of application. */
export function readMigrationNames(): readonly string[] {
  const entries = readdirSync(migrationsDirectory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return entries.map((entry) => entry.name).sort()
}

export type Migrations = ReturnType<typeof readMigrations>

/** Reads the migrations in their order of application, in the shape of Prisma's engine. */
export function readMigrations() {
  return {
    baseDir: migrationsDirectory,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(join(migrationsDirectory, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: readMigrationNames().map((path) => ({
      path,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: readSql(path) } },
    })),
  }
}

function readSql(migration: string): string {
  return readFileSync(join(migrationsDirectory, migration, 'migration.sql'), 'utf8')
}
