import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppName, System } from '@floodgate/dev/system'

/** Reads the logs of all processes of all apps. */
export async function everythingLogged(system: Pick<System, 'dataDir'>): Promise<string> {
  const apps: readonly AppName[] = ['waiting-room', 'order-core', 'payment-worker', 'notifier']
  const texts = await Promise.all(apps.map((app) => readFile(join(system.dataDir, 'logs', `${app}.jsonl`), 'utf8')))
  return texts.join('\n')
}

/** Returns the fail points that processes of an app report as reached, oldest first. */
export async function reachedFailPoints(system: Pick<System, 'dataDir'>, app: AppName): Promise<string[]> {
  const text = await readFile(join(system.dataDir, 'logs', `${app}.jsonl`), 'utf8')
  return text.split('\n').flatMap((line) => /"failPoint":"([a-z-]+)"/.exec(line)?.[1] ?? [])
}
