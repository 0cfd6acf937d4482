import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { postgresDataDir } from '@floodgate/local-servers'
import { readDataDirState } from '../system/processes-file.ts'

const own = [
  'redis',
  'kafka',
  'logs',
  'env',
  'secrets.json',
  'keys.json',
  'payment-simulator.jsonl',
  'payment-simulator.jsonl.toss',
  'running.json',
]

/**
 * Deletes the contents of this data directory, and nothing that an external URL names. Rejected while a system runs
 * there.
 */
export async function reset(dataDir: string): Promise<readonly string[]> {
  if ((await readDataDirState(dataDir)).kind === 'running') return []
  const postgres = await postgresDataDir(join(dataDir, 'postgres'))
  const paths = [...own.map((name) => join(dataDir, name)), postgres, `${postgres}.new`]
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })))
  return [dataDir, ...(postgres.startsWith(dataDir) ? [] : [postgres])]
}
