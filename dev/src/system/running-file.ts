import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bus } from './names.ts'
import type { SystemUrls } from './types.ts'

/** One process id, or one per replica where there are several. */
type Pids = number | readonly number[]

/** `running.json` in the data directory: what runs where, for scripts. Exists only while everything is ready. */
export interface RunningFile {
  readonly urls: SystemUrls
  /** Every replica's URL, of the apps that have more than one. */
  readonly replicas?: Readonly<Record<string, readonly string[]>>
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly kafkaBrokers?: string
  readonly bus: Bus
  readonly adminToken: string
  /** Real processes, never wrappers. An external server has none. */
  readonly pids: Readonly<Record<string, Pids>>
}

export function runningFileOf(dataDir: string): string {
  return join(dataDir, 'running.json')
}

/** Writes it beside its place and renames it, so that readers see all of it. */
export async function writeRunningFile(dataDir: string, content: RunningFile): Promise<void> {
  const path = runningFileOf(dataDir)
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
