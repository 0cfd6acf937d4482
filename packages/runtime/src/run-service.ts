import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import { EXIT_CODE_CONFIGURATION } from '@floodgate/processes'
import type { Tracing } from '@floodgate/tracing'
import type { Registry } from 'prom-client'
import type { z } from 'zod'
import { checkAndExit } from './check/check-and-exit.ts'
import type { ConnectionCheck } from './check/connection-check.ts'
import { type ConfigDefinition, variableName } from './config/define-config.ts'
import { configHelp } from './config/document-config.ts'
import { loadConfig } from './config/load-config.ts'
import { fileVariableOf } from './config/secret-files.ts'
import { ConfigurationError, printConfigurationError } from './configuration-error.ts'
import { createFailPoints, type ReachFailPoint } from './fail-points.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { type TracingConfig, tracingOf } from './tracing-of.ts'
import { thisWorker, type WorkerIdentity } from './workers/identity.ts'
import { runPrimary } from './workers/primary.ts'
import { notifyPrimary, onStopFromPrimary } from './workers/primary-channel.ts'

export { ConfigurationError } from './configuration-error.ts'

/** What a service receives besides its configuration. */
export interface ServiceDeps {
  readonly log: Logger
  readonly metrics: Registry
  readonly reachFailPoint: ReachFailPoint
  /** Records the steps of purchases, if this process has a collector. */
  readonly tracing: Tracing
  /**
   * Ends the process at once, for failures that this process cannot recover from: with exit code 78 for a
   * {@link ConfigurationError}, otherwise with 1.
   */
  onFatal(error: unknown): void
}

export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
}

/** A service with an address; known once it has started. */
export interface HttpService extends Service {
  url(): string
  /** The URL of its operations port. */
  opsUrl(): string
}

interface TracedService {
  readonly service: Service
  readonly tracing: Tracing
}

interface CommonConfig extends TracingConfig {
  readonly logLevel: string
  readonly environment: 'production' | 'development'
  readonly failPoints: readonly string[]
  readonly shutdownSeconds: number
  readonly host: string
  readonly port: number
  /** Absent in the simulators, which have one port for everything. */
  readonly opsHost?: string
  readonly opsPort?: number
  /** Absent in services that must be a single process. */
  readonly workers?: number
}

const readEnvFile = () => {
  try {
    return readFileSync('.env', 'utf8')
  } catch {
    return '' // A missing .env is the normal case.
  }
}

/** Prints the problems and exits 78. A worker reports them to the primary instead, which prints them once for all. */
const failStart = async (app: string, problems: readonly string[]): Promise<never> => {
  if (thisWorker(process.env) === undefined) printConfigurationError(app, problems)
  else await notifyPrimary({ floodgate: 'rejected', problems })
  return process.exit(EXIT_CODE_CONFIGURATION)
}

/**
 * Runs a service as this process: configuration, logger, signals, exit code. SIGTERM and SIGINT stop it in order and
 * exit 0, also during its start; a second signal, or a stop that takes longer than `shutdownSeconds`, exits 1. A wrong
 * configuration exits 78. With `workers` above 1 this process becomes the primary of that many, with the same signals
 * and exit codes. With `--check` it tries the connections of `createChecks` instead of starting, and exits 0 or 1.
 */
export async function runService<Shape extends z.ZodRawShape>(options: {
  definition: ConfigDefinition<Shape>
  createApp(config: z.infer<z.ZodObject<Shape>>, deps: ServiceDeps): Service | Promise<Service>
  /** Returns every connection of the app, for `--check`. */
  createChecks?(config: z.infer<z.ZodObject<Shape>>): readonly ConnectionCheck[]
}): Promise<void> {
  const { definition } = options
  const { app } = definition
  const worker = thisWorker(process.env)
  // Workers get the contents that the file had at the primary's start, so that all of them have one configuration.
  const envFile = worker === undefined ? readEnvFile() : ''
  const loaded = loadConfig(definition, { argv: process.argv.slice(2), env: process.env, envFile })
  if (loaded.kind === 'help') {
    process.stdout.write(configHelp(definition))
    return
  }
  if (loaded.kind === 'invalid') return failStart(app, loaded.problems)
  if (loaded.kind === 'check') {
    const { config, asJson } = loaded
    return checkAndExit({ definition, config, asJson, checks: options.createChecks?.(config) ?? [] })
  }
  const config = loaded.config as typeof loaded.config & CommonConfig
  const log = createLogger({ app, level: config.logLevel, worker: worker?.number })
  const onFatal = (error: unknown) => {
    if (error instanceof ConfigurationError) return void failStart(app, error.problems)
    log.error({ error }, 'fatal')
    process.exit(1)
  }
  process.on('unhandledRejection', onFatal)
  process.on('uncaughtException', onFatal)
  let reachFailPoint: ReachFailPoint
  try {
    const { failPoints, environment } = config
    reachFailPoint = createFailPoints({ entries: isArmed(worker) ? failPoints : [], environment, log })
  } catch (error) {
    return failStart(app, [String(error)])
  }
  const { workers = 1, host, port, opsHost = host, opsPort = 0, shutdownSeconds } = config
  if (worker === undefined && workers > 1) {
    const environment = onlyInFile(definition, envFile)
    const ports = { host, port, opsHost, opsPort }
    return runPrimary({ app, workers, ...ports, shutdownSeconds, environment, log }).catch(onFatal)
  }
  const metrics = createMetrics(app)
  const createApp = async (): Promise<TracedService> => {
    try {
      const tracing = await tracingOf(config, { app, worker: worker?.number, log, metrics })
      const shared = worker === undefined ? {} : { port: worker.port, opsPort: worker.opsPort }
      const deps = { log, metrics, reachFailPoint, tracing, onFatal }
      return { service: await options.createApp({ ...config, ...shared }, deps), tracing }
    } catch (error) {
      if (error instanceof ConfigurationError) return failStart(app, error.problems)
      throw error
    }
  }
  await runApp(createApp, { worker, shutdownSeconds, log, onFatal })
}

/** A fail point hits one process only, so that the other processes and its next run are not affected. */
const isArmed = (worker: WorkerIdentity | undefined): boolean =>
  worker === undefined || (worker.number === 1 && worker.run === 1)

/** Returns the settings that come from `.env` alone, as variables. */
const onlyInFile = (definition: ConfigDefinition, envFile: string): Record<string, string> => {
  const file = parseEnv(envFile)
  const names = Object.keys(definition.schema.shape)
    .map(variableName)
    .flatMap((name) => [name, fileVariableOf(name)])
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = file[name]
      return value === undefined || process.env[name] !== undefined ? [] : [[name, value]]
    }),
  )
}

/**
 * How long a stop waits for a start in progress, as a share of its time; the steps of `stopInTime` have the rest but
 * one sixteenth. A start that waits for a dependency ends when `stop` closes that.
 */
const START_WAIT_SHARE = 1 / 16
const START_WAIT_MS_MAX = 1_000
/** How long a stop waits for the last spans to be exported, as a share of its time; and what is left for late timers. */
const EXPORT_SHARE = 1 / 4
const SPARE_SHARE = 1 / 32

const runApp = async (
  createApp: () => Promise<TracedService>,
  options: {
    worker: WorkerIdentity | undefined
    shutdownSeconds: number
    log: Logger
    onFatal(error: unknown): void
  },
): Promise<void> => {
  const { worker, shutdownSeconds, log, onFatal } = options
  let stopping = false
  const started = Promise.withResolvers<void>()
  const stop = async (signal: string) => {
    if (stopping && worker === undefined) process.exit(1)
    if (stopping) return // The primary handles second signals; this one reached both processes.
    stopping = true
    log.info({ signal }, 'stopping')
    const stopBeganMs = performance.now()
    const stopMsMax = shutdownSeconds * 1_000
    setTimeout(() => onFatal(new Error(`not stopped after ${shutdownSeconds} s`)), stopMsMax).unref()
    const { service, tracing } = await created
    const startWaitMs = Math.min(START_WAIT_MS_MAX, stopMsMax * START_WAIT_SHARE)
    await Promise.race([started.promise, delay(startWaitMs, undefined, { ref: false })])
    await service.stop()
    const leftMs = stopBeganMs + stopMsMax * (1 - SPARE_SHARE) - performance.now()
    await tracing.stop(Math.max(0, Math.min(leftMs, stopMsMax * EXPORT_SHARE)))
    log.info({}, 'stopped')
    process.exit(0)
  }
  const onStop = (signal: string) => void stop(signal).catch(onFatal)
  process.on('SIGTERM', onStop)
  // A terminal's Ctrl-C reaches every process of the group; to a worker the primary passes it on.
  process.on('SIGINT', (signal) => {
    if (worker === undefined) onStop(signal)
  })
  if (worker !== undefined) onStopFromPrimary(onStop)
  const created = createApp()
  const { service } = await created
  try {
    if (!stopping) await service.start()
  } catch (error) {
    // A start that the stop interrupted is not a failure.
    if (!stopping) onFatal(error)
    else log.info({ error }, 'start aborted by stop')
  }
  started.resolve()
  if (worker !== undefined && !stopping) await notifyPrimary({ floodgate: 'started' })
}
