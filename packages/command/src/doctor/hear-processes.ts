import { bodyOf } from '@floodgate/client'
import { ownRoutes } from '@floodgate/contracts'
import type { AppClients } from '../apps.ts'
import { EXIT } from '../exit-codes.ts'
import { failureOf } from '../failure.ts'
import { otherAppText } from '../own-addresses.ts'
import type { AppName } from '../settings.ts'
import type { Heard } from './contradictions.ts'
import type { Finding } from './finding.ts'

/** Requests to each app: behind one address there may be several processes, and each request reaches one of them. */
const REQUESTS = 6

/**
 * Asks every app about its processes, some of them more than once. Returns each process once, and the apps that did not
 * respond, or rejected the token. Throws the rejection where all of them do.
 */
export async function hearProcesses(apps: AppClients): Promise<{ heard: Heard[]; silent: Finding[] }> {
  const heard = new Map<string, Heard>()
  const silent: Finding[] = []
  const rejections: unknown[] = []
  await Promise.all(apps.names().map(hearApp))
  async function hearApp(app: AppName): Promise<void> {
    const client = apps.of(app, ownRoutes)
    for (let request = 0; request < REQUESTS; request += 1) {
      try {
        const sentAtMs = Date.now()
        const about = await bodyOf(client.about())
        if (about.app !== app) {
          silent.push({ what: 'other app', detail: otherAppText(app, about.app) })
          return
        }
        heard.set(`${about.app} ${about.process}`, { about, sentAtMs, receivedAtMs: Date.now() })
      } catch (error) {
        const { exit, line } = failureOf(error)
        if (exit === EXIT.rejected) rejections.push(error)
        silent.push({ what: exit === EXIT.rejected ? 'rejected' : 'no response', detail: `${app}: ${line}` })
        return
      }
    }
  }
  if (rejections.length > 0 && rejections.length === apps.names().length) throw rejections[0]
  const all = [...heard.values()]
  return { heard: all.sort((one, other) => one.about.app.localeCompare(other.about.app)), silent }
}
