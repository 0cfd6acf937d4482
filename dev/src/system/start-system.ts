import { createProcessGroup } from '@floodgate/processes'
import { ensureKeys, prepareDatabase, step, untilReadyOrOver } from './bring-up.ts'
import { fillCompileCache } from './compile-cache.ts'
import { lockDataDir } from './data-directory.ts'
import type { EnvironmentContext } from './environment.ts'
import { openLogFiles } from './log-files.ts'
import { type Plan, planSystem, usesPort } from './plan.ts'
import { assertPortsFree, portList } from './ports.ts'
import { type ProcessEvents, superviseApp, superviseSimulators } from './processes.ts'
import type { ReadyTarget } from './readiness.ts'
import { ensureSecrets, type Secrets } from './secrets.ts'
import { type Servers, startServers } from './start-servers.ts'
import { maintainStateFiles } from './state-files.ts'
import { systemHandle } from './system-handle.ts'
import type { System, SystemGroup, SystemObserver, SystemOptions } from './types.ts'

/** The rest of the ten seconds is for files and for the caller. */
const STOP_MS_MAX = 8_500

/**
 * Starts a whole Floodgate in its own data directory and resolves once everything is ready: servers, schema, keys,
 * simulators, apps. When that fails, nothing is left running. Throws {@link StepFailure}.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const observer = options.observer ?? {}
  const plan = await planSystem(options)
  await lockDataDir(plan.dataDir, observer)
  const logs = await openLogFiles(plan.dataDir)
  const group: SystemGroup = createProcessGroup({
    ranks: ['app', 'simulator', 'server'],
    stopMsMax: STOP_MS_MAX,
    onDied: (death) => observer.died?.(death),
    onChanged: () => stateFiles.changed(),
  })
  const stateFiles = maintainStateFiles({
    dataDir: plan.dataDir,
    pids: group.pids,
    onChanged: () => observer.changed?.(),
    onTrouble: (line) => observer.note?.(line),
  })
  const events: ProcessEvents = {
    ...group.events,
    onLine(name, replica, line) {
      logs.write(name, line)
      observer.line?.(name, replica, line)
    },
  }
  const close = async (): Promise<void> => {
    await stateFiles.close()
    await logs.close()
  }
  try {
    await assertPortsFree(portList(plan.ports, plan.host).filter(({ name }) => usesPort(plan, name)))
    const compiled = fillCompileCache()
    const secrets = await ensureSecrets(plan.dataDir)
    const onLine = (name: 'postgres' | 'redis' | 'kafka', line: string): void => events.onLine(name, 0, line)
    const servers = await startServers({ plan, secrets, system: options, observer, group, onLine })
    const context = contextOf(plan, { secrets, servers })
    await prepareState({ plan, context, options, observer })
    await compiled

    const simulators = superviseSimulators(context, options, events)
    const apps = plan.apps.flatMap((app) =>
      plan.ports.apps[app].map((_, replica) => superviseApp({ app, replica, context, system: options, events })),
    )
    for (const simulator of simulators) group.add('simulator', simulator)
    for (const app of apps) group.add('app', app)
    const targets: ReadyTarget[] = [
      ...apps.map(({ name, app, replica }) => ({
        name,
        url: `http://127.0.0.1:${plan.ports.operations[app][replica]}`,
      })),
      ...simulators.map(({ name, url }) => ({ name, url })),
    ]
    const untilReady = (): Promise<void> =>
      untilReadyOrOver({ targets, gaveUp: group.gaveUp, dataDir: plan.dataDir, signal: options.signal })
    await step(observer, targets.map(({ name }) => name).join(', '), async () => {
      await Promise.all([...simulators, ...apps].map((supervised) => supervised.start()))
      await untilReady()
    })
    return systemHandle({
      ...{ dataDir: plan.dataDir, context, overrides: options.environment ?? {}, apps, servers, group },
      ...{ stateFiles, untilReady, close },
    })
  } catch (error) {
    await group.stop()
    await close()
    throw error
  }
}

function contextOf(
  plan: Plan,
  { secrets, servers }: { readonly secrets: Secrets; readonly servers: Servers },
): EnvironmentContext {
  const { existing, ports, publicHost } = plan
  return {
    dataDir: plan.dataDir,
    host: plan.host,
    publicHost,
    ports,
    bus: plan.bus,
    databaseUrl: servers.databaseUrl,
    redisUrl: servers.redisUrl,
    kafkaBrokers: servers.kafkaBrokers,
    smtpUrl: existing.smtpUrl ?? `smtp://127.0.0.1:${ports.mailSmtp}`,
    mailUrl:
      existing.smtpUrl === undefined ? `http://${publicHost}:${ports.mailHttp}` : withoutPassword(existing.smtpUrl),
    secrets,
    allowedOrigins: process.env.ALLOWED_ORIGINS,
  }
}

async function prepareState(parts: {
  readonly plan: Plan
  readonly context: EnvironmentContext
  readonly options: SystemOptions
  readonly observer: SystemObserver
}): Promise<void> {
  const { plan, context, options, observer } = parts
  const mayMigrate = plan.existing.databaseUrl === undefined || options.migrateExisting === true
  await step(observer, 'database schema', () =>
    prepareDatabase({ url: context.databaseUrl, mayMigrate, release: options.release, observer }),
  )
  if (plan.apps.includes('waiting-room')) await step(observer, 'signing keys', () => ensureKeys(plan.dataDir))
  options.signal?.throwIfAborted()
}

function withoutPassword(address: string): string {
  const url = new URL(address)
  url.password = ''
  return url.href
}
