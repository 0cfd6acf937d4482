import type { LocalServer } from '@floodgate/local-servers'
import { type Supervised, SYSTEM_RESTARTS, supervise } from '@floodgate/processes'
import { step } from './bring-up.ts'
import type { ServerName } from './names.ts'
import type { Plan } from './plan.ts'
import type { Secrets } from './secrets.ts'
import { serverFailure, serverRuns, serverStarters } from './servers.ts'
import type { SystemGroup, SystemObserver, SystemOptions } from './types.ts'

export interface OwnServer {
  readonly supervised: Supervised
  readonly server: LocalServer
}

export interface Servers {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly kafkaBrokers: string | undefined
  /** Our own servers, which we may stop and kill. */
  readonly own: ReadonlyMap<ServerName, OwnServer>
}

/** Starts the missing servers, all at once, and supervises them. */
export async function startServers(options: {
  readonly plan: Plan
  readonly secrets: Secrets
  readonly system: SystemOptions
  readonly observer: SystemObserver
  readonly group: SystemGroup
  onLine(name: ServerName, line: string): void
}): Promise<Servers> {
  const { plan, group, observer } = options
  const { existing } = plan
  const starters = serverStarters({
    dataDir: plan.dataDir,
    ports: plan.ports,
    postgresPassword: options.secrets.postgresPassword,
    durable: options.system.durable ?? true,
    onLine: options.onLine,
    onNote: (line) => observer.note?.(line),
    signal: options.system.signal,
  })
  const own = new Map<ServerName, OwnServer>()
  const start = async (name: ServerName): Promise<void> => {
    const where = `127.0.0.1:${plan.ports[name]}`
    const runs = serverRuns(starters[name])
    const supervised = supervise({ ...group.events, policy: SYSTEM_RESTARTS, name, launch: runs.launch })
    group.add('server', supervised)
    await step(observer, `${titles[name]} on ${where}`, async () => {
      try {
        await supervised.start()
      } catch (error) {
        options.system.signal?.throwIfAborted()
        throw serverFailure(name, `${where}, data in ${plan.dataDir}/${name}`, error)
      }
    })
    const server = runs.server()
    if (server === undefined) throw new Error(`${name} started without a server.`)
    own.set(name, { supervised, server })
    if (!server.dataDir.startsWith(plan.dataDir))
      observer.note?.(`${titles[name]} stores its data in ${server.dataDir}: its user may not enter ${plan.dataDir}`)
  }

  // Redis first: machines lack it most often, and then the start should fail at once.
  const wanted: ServerName[] = [
    ...(existing.redisUrl === undefined ? (['redis'] as const) : []),
    ...(existing.databaseUrl === undefined ? (['postgres'] as const) : []),
    ...(plan.bus === 'kafka' && existing.kafkaBrokers === undefined ? (['kafka'] as const) : []),
  ]
  const [first, ...others] = wanted
  if (first !== undefined) await start(first)
  await allOrFirstFailure(others.map(start))
  return {
    databaseUrl: existing.databaseUrl ?? urlOf(own, 'postgres'),
    redisUrl: existing.redisUrl ?? urlOf(own, 'redis'),
    kafkaBrokers: plan.bus === 'kafka' ? (existing.kafkaBrokers ?? urlOf(own, 'kafka')) : undefined,
    own,
  }
}

const titles: Record<ServerName, string> = { postgres: 'Postgres 18', redis: 'Redis', kafka: 'Kafka' }

const urlOf = (own: ReadonlyMap<ServerName, OwnServer>, name: ServerName): string => {
  const found = own.get(name)
  if (found === undefined) throw new Error(`${name} was not started.`)
  return found.server.url
}

/** Waits for all of them before it fails, since one that is still starting cannot be stopped. */
async function allOrFirstFailure(starts: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(starts)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
