import { bodyOf, type Client } from '@floodgate/client'
import { ownRoutes } from '@floodgate/contracts'
import type { AppClients } from '../apps.ts'
import { EXIT } from '../exit-codes.ts'
import { failureOf } from '../failure.ts'
import { otherAppText } from '../own-addresses.ts'
import type { AppName } from '../settings.ts'
import type { Heard } from './contradictions.ts'
import type { Finding } from './finding.ts'

/**
 * Requests to each app: behind one address there may be several processes. They are sent at once, because requests one
 * after the other share a connection, and a connection ends at one process.
 */
const REQUESTS = 12

/** What one app has said. */
interface Hearing {
  readonly heard: readonly Heard[]
  readonly silent: readonly Finding[]
  /** The first rejection; undefined without any. */
  readonly rejection: unknown
}

/**
 * Asks every app about its processes, most of them more than once. Returns each process once, and the apps that did not
 * respond to every request, or rejected the token. Throws the rejection where all of them do.
 */
export async function hearProcesses(apps: AppClients): Promise<{ heard: Heard[]; silent: Finding[] }> {
  const hearings = await Promise.all(apps.names().map((app) => hearApp(app, apps.of(app, ownRoutes))))
  const [first] = hearings
  if (first !== undefined && hearings.every(({ rejection }) => rejection !== undefined)) throw first.rejection
  const heard = hearings.flatMap((hearing) => hearing.heard)
  return {
    heard: heard.sort((one, other) => nameOf(one).localeCompare(nameOf(other))),
    silent: hearings.flatMap(({ silent }) => silent),
  }
}

function nameOf({ about: { app, process } }: Heard): string {
  return `${app} ${process}`
}

async function hearApp(app: AppName, client: Client<typeof ownRoutes>): Promise<Hearing> {
  const outcomes = await Promise.allSettled(Array.from({ length: REQUESTS }, () => hearProcess(client)))
  const responses = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  const other = responses.find(({ about }) => about.app !== app)
  const own = responses.filter(({ about }) => about.app === app)
  const [failed] = failures.map(failureOf)
  const share = own.length === 0 ? '' : ` (${failures.length} of ${REQUESTS} requests)`
  return {
    heard: [...new Map(own.map((each) => [nameOf(each), each])).values()],
    silent: [
      ...(other === undefined ? [] : [{ what: 'other app', detail: otherAppText(app, other.about.app) }]),
      ...(failed === undefined
        ? []
        : [
            {
              what: failed.exit === EXIT.rejected ? 'rejected' : 'no response',
              detail: `${app}${share}: ${failed.line}`,
            },
          ]),
    ],
    rejection: failed?.exit === EXIT.rejected && own.length === 0 ? failures[0] : undefined,
  }
}

async function hearProcess(client: Client<typeof ownRoutes>): Promise<Heard> {
  const sentAtMs = Date.now()
  const about = await bodyOf(client.about())
  return { about, sentAtMs, receivedAtMs: Date.now() }
}
