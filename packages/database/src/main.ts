// Migrates the database of DATABASE_URL to this release, then exits. Containers run it before the apps.
import { migrate } from './migrate.ts'

const url = process.env.DATABASE_URL
if (url === undefined || url === '') {
  process.stderr.write('DATABASE_URL is not set.\n')
  process.exit(78)
}
const { applied } = await migrate(url, { onProgress: (line) => process.stdout.write(`${line}\n`) })
process.stdout.write(applied.length === 0 ? 'up to date\n' : `applied ${applied.join(', ')}\n`)
