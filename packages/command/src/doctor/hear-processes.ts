import { bodyOf } from '@floodgate/client'
import { ownRoutes } from '@floodgate/contracts'
import type { AppClients } from '../apps.ts'
import { failureOf } from '../failure.ts'
import type { AppName } from '../settings.ts'
import type { Finding, Heard } from './contradictions.ts'

/** Requests to each app: behind one address there may be several processes, and each request reaches one of them. */
const REQUESTS = 6

/** Asks every app about its processes, some of them more than once. Returns each process once, and who did not respond. */
export async function hearProcesses(apps: AppClients): Promise<{ heard: Heard[]; silent: Finding[] }> {
  const heard = new Map<string, Heard>()
  const silent: Finding[] = []
  await Promise.all(apps.names().map(hearApp))
  async function hearApp(app: AppName): Promise<void> {
    const client = apps.of(app, ownRoutes)
    for (let request = 0; request < REQUESTS; request += 1) {
      try {
        const sentAtMs = Date.now()
        const about = await bodyOf(client.about())
        heard.set(`${about.app} ${about.process}`, { about, sentAtMs, receivedAtMs: Date.now() })
      } catch (error) {
        silent.push({ what: 'no response', detail: `${app}: ${failureOf(error).line}` })
        return
      }
    }
  }
  const all = [...heard.values()]
  return { heard: all.sort((one, other) => one.about.app.localeCompare(other.about.app)), silent }
}
