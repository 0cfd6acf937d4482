import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppName, System } from '@floodgate/dev/system'

/** The fail points that processes of an app say they reached, oldest first. */
export async function reachedFailPoints(system: Pick<System, 'dataDir'>, app: AppName): Promise<string[]> {
  const text = await readFile(join(system.dataDir, 'logs', `${app}.jsonl`), 'utf8')
  return text.split('\n').flatMap((line) => /"failPoint":"([a-z-]+)"/.exec(line)?.[1] ?? [])
}
