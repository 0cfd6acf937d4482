import type { LocalServer } from '@floodgate/local-servers'
import type { Supervised } from '@floodgate/processes'
import { appEnvironment, type EnvironmentContext, outerUrl } from './environment.ts'
import { type AppName, appNames, camelCase, type ServerName, serverNames } from './names.ts'
import type { SupervisedApp } from './processes.ts'
import type { RunningFile } from './running-file.ts'
import type { Servers } from './start-servers.ts'
import type { StateFiles } from './state-files.ts'
import type { AppEnvironments, ProcessName, System, SystemGroup, SystemUrls } from './types.ts'

export interface HandleParts {
  readonly dataDir: string
  readonly context: EnvironmentContext
  /** Variables of the apps that override the system's. */
  readonly overrides: AppEnvironments
  readonly apps: readonly SupervisedApp[]
  readonly servers: Servers
  readonly group: SystemGroup
  readonly stateFiles: StateFiles
  untilReady(): Promise<void>
  /** Closes the log files. */
  close(): Promise<void>
}

/** Creates the caller's handle of a running system. */
export function systemHandle(parts: HandleParts): System {
  const { context, group, apps, servers } = parts
  const urls = urlsOf(context)
  const kafka = context.kafkaBrokers === undefined ? {} : { kafkaBrokers: context.kafkaBrokers }
  const facts = { databaseUrl: context.databaseUrl, redisUrl: context.redisUrl, ...kafka, bus: context.bus }
  const { adminToken } = context.secrets

  const pidsOf = (name: ProcessName): number[] => {
    const pids = group.pids()
    const names = isApp(name) ? apps.filter(({ app }) => app === name).map((each) => each.name) : [name]
    return names.flatMap((each) => pids.get(each) ?? [])
  }
  const replicas = (app: AppName, replica?: number): SupervisedApp[] => {
    const found = apps.filter((each) => each.app === app && (replica === undefined || each.replica === replica))
    if (found.length === 0) throw new Error(`This system has no ${app}${replica === undefined ? '' : ` ${replica}`}.`)
    return found
  }
  const ownServer = (name: ServerName): { readonly server: LocalServer; readonly supervised: Supervised } => {
    const found = servers.own.get(name)
    if (found === undefined) throw new Error(`This system does not run its own ${name}.`)
    return found
  }

  const system: System = {
    ...facts,
    dataDir: parts.dataDir,
    urls,
    ports: context.ports,
    adminToken,
    urlsOf: (app) => replicaUrls(context, app),
    opsUrlsOf: (app) => opsUrls(context, app),
    environmentOf: (app) => ({ ...appEnvironment(context, app, 0), ...parts.overrides[app] }),
    pidsOf,
    deaths: () => group.deaths(),
    gaveUp: group.gaveUp.finally(parts.close),
    untilReady: parts.untilReady,
    server: (name) => ownServer(name).server,
    publish: (buyerPage) =>
      parts.stateFiles.publish(() => ({
        urls: { ...urls, buyerPage },
        ...repeatedApps(context),
        ...facts,
        adminToken,
        pids: runningPids(context, pidsOf),
      })),
    async kill(app, { replica = 0 } = {}) {
      await Promise.all(replicas(app, replica).map((each) => each.kill()))
    },
    async stopApp(app, { replica } = {}) {
      await Promise.all(replicas(app, replica).map((each) => each.stop()))
    },
    async startApp(app, start = {}) {
      const chosen = replicas(app, start.replica)
      for (const each of chosen) each.configure(start)
      await Promise.all(chosen.map((each) => each.start()))
      await parts.untilReady()
    },
    async restartApp(app, start = {}) {
      await system.stopApp(app, start)
      await system.startApp(app, start)
    },
    async crashServer(name, whileDown) {
      const { server, supervised } = ownServer(name)
      await supervised.crash(async () => whileDown?.(server))
    },
    async stop() {
      await group.stop()
      await parts.close()
    },
    async killAll() {
      await group.killAll()
      await parts.close()
    },
  }
  return system
}

const isApp = (name: ProcessName): name is AppName => (appNames as readonly string[]).includes(name)

const replicaUrls = (context: EnvironmentContext, app: AppName): string[] =>
  context.ports.apps[app].map((port) => `http://127.0.0.1:${port}`)

const opsUrls = (context: EnvironmentContext, app: AppName): string[] =>
  context.ports.operations[app].map((port) => `http://127.0.0.1:${port}`)

function urlsOf(context: EnvironmentContext): SystemUrls {
  const waitingRoom = outerUrl(context, 'waiting-room')
  return {
    waitingRoom,
    orderCore: outerUrl(context, 'order-core'),
    paymentWorker: outerUrl(context, 'payment-worker'),
    notifier: outerUrl(context, 'notifier'),
    operations: {
      waitingRoom: opsUrls(context, 'waiting-room')[0] ?? '',
      orderCore: opsUrls(context, 'order-core')[0] ?? '',
      paymentWorker: opsUrls(context, 'payment-worker')[0] ?? '',
      notifier: opsUrls(context, 'notifier')[0] ?? '',
    },
    paymentSimulator: `http://${context.publicHost}:${context.ports.paymentSimulator}`,
    mail: context.mailUrl,
    buyerPage: `${waitingRoom}/sales/demo`,
    console: `${waitingRoom}/console#token=${context.secrets.adminToken}`,
  }
}

function repeatedApps(context: EnvironmentContext): Pick<RunningFile, 'replicas'> {
  const repeated = appNames.filter((app) => context.ports.apps[app].length > 1)
  if (repeated.length === 0) return {}
  return { replicas: Object.fromEntries(repeated.map((app) => [camelCase(app), replicaUrls(context, app)])) }
}

function runningPids(context: EnvironmentContext, pidsOf: (name: ProcessName) => number[]): RunningFile['pids'] {
  const names: ProcessName[] = [...appNames, 'payment-simulator', 'mail', ...serverNames]
  const entries = names.flatMap((name): [string, number | number[]][] => {
    const pids = pidsOf(name)
    if (isApp(name) && context.ports.apps[name].length > 1) return [[camelCase(name), pids]]
    const [pid] = pids
    return pid === undefined ? [] : [[camelCase(name), pid]]
  })
  return { supervisor: process.pid, ...Object.fromEntries(entries) }
}
