import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { type AppName, appNames, type Bus } from './names.ts'
import { anyFreePorts, type PortPlan, portsFrom } from './ports.ts'
import type { ExistingServers, SystemOptions } from './types.ts'

/** The options of a system, complete. */
export interface Plan {
  readonly dataDir: string
  readonly bus: Bus
  readonly host: string
  readonly publicHost: string
  readonly ports: PortPlan
  readonly replicas: Readonly<Record<AppName, number>>
  readonly apps: readonly AppName[]
  readonly existing: ExistingServers
}

const LOCAL = '127.0.0.1'

export async function planSystem(options: SystemOptions): Promise<Plan> {
  const replicas = Object.fromEntries(appNames.map((app) => [app, options.replicas?.[app] ?? 1])) as Plan['replicas']
  const host = options.host ?? LOCAL
  return {
    dataDir: resolve(options.dataDir),
    bus: options.bus ?? 'redis',
    host,
    publicHost: host === LOCAL ? LOCAL : lanAddress(),
    ports: options.ports === 'free' ? await anyFreePorts(replicas) : portsFrom(options.ports.base, replicas),
    replicas,
    apps: appNames.filter((app) => !options.without?.includes(app)),
    existing: options.existing ?? {},
  }
}

/** Returns this machine's address for others in the network; its loopback address without a network. */
function lanAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? LOCAL
}

/** Tells whether the plan uses a port, by its name in `portList`. */
export function usesPort(plan: Plan, name: string): boolean {
  if (name === 'Postgres') return plan.existing.databaseUrl === undefined
  if (name === 'Redis') return plan.existing.redisUrl === undefined
  if (name.startsWith('Kafka')) return plan.bus === 'kafka' && plan.existing.kafkaBrokers === undefined
  if (name.startsWith('mail')) return plan.existing.smtpUrl === undefined
  return !appNames.some((app) => name.startsWith(app) && !plan.apps.includes(app))
}
