import { readFileSync } from 'node:fs'
import type { Registry } from 'prom-client'
import type { z } from 'zod'
import type { ConfigDefinition } from './config/define-config.ts'
import { configHelp } from './config/document-config.ts'
import { loadConfig } from './config/load-config.ts'
import { createFailPoints, type ReachFailPoint } from './fail-points.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics } from './metrics.ts'

/** `EX_CONFIG` of sysexits.h: the configuration is wrong, and starting again will not mend it. */
export const exitCodeConfig = 78

/** What a service is handed besides its configuration. */
export interface ServiceDeps {
  readonly log: Logger
  readonly metrics: Registry
  readonly reachFailPoint: ReachFailPoint
  /** Ends the process at once with exit code 1: for what this process can't recover from by itself. */
  readonly onFatal: (error: unknown) => void
}

/** For `createApp`: something the configuration names is missing or unfit. Printed without a stack; the process exits 78. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
}

type CommonConfig = {
  readonly logLevel: string
  readonly environment: 'production' | 'development'
  readonly failPoints: readonly string[]
  readonly shutdownSeconds: number
}

const readEnvFile = () => {
  try {
    return readFileSync('.env', 'utf8')
  } catch {
    return '' // No .env is the normal case.
  }
}

const refuseToStart = (app: string, problems: readonly string[]): never => {
  process.stderr.write(
    `${app} can not start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee --help.\n`,
  )
  return process.exit(exitCodeConfig)
}

/**
 * Runs a service as this process: configuration, logger, signals, exit code. SIGTERM and SIGINT stop it in order and
 * exit 0; a second signal, or a stop that takes longer than `shutdownSeconds`, exits 1. A wrong configuration exits 78.
 */
export const runService = async <Shape extends z.ZodRawShape>(options: {
  definition: ConfigDefinition<Shape>
  createApp: (config: z.infer<z.ZodObject<Shape>>, deps: ServiceDeps) => Service | Promise<Service>
}): Promise<void> => {
  const { definition } = options
  const loaded = loadConfig(definition, { argv: process.argv.slice(2), env: process.env, envFile: readEnvFile() })
  if (loaded.kind === 'help') {
    process.stdout.write(configHelp(definition))
    return
  }
  if (loaded.kind === 'invalid') return refuseToStart(definition.app, loaded.problems)
  const config = loaded.config as typeof loaded.config & CommonConfig
  const log = createLogger({ app: definition.app, level: config.logLevel })
  const onFatal = (error: unknown) => {
    log.error({ error }, 'fatal')
    process.exit(1)
  }
  process.on('unhandledRejection', onFatal)
  process.on('uncaughtException', onFatal)

  let reachFailPoint: ReachFailPoint
  try {
    reachFailPoint = createFailPoints({ entries: config.failPoints, environment: config.environment, log })
  } catch (error) {
    return refuseToStart(definition.app, [String(error)])
  }
  const deps = { log, metrics: createMetrics(definition.app), reachFailPoint, onFatal }
  const createApp = async () => {
    try {
      return await options.createApp(loaded.config, deps)
    } catch (error) {
      if (error instanceof ConfigurationError) return refuseToStart(definition.app, [error.message])
      throw error
    }
  }
  const service = await createApp()

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(
      () => onFatal(new Error(`not stopped after ${config.shutdownSeconds} s`)),
      config.shutdownSeconds * 1_000,
    ).unref()
    await service.stop()
    log.info({}, 'stopped')
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void stop(signal).catch(onFatal))
  process.on('SIGINT', (signal) => void stop(signal).catch(onFatal))
  await service.start().catch(onFatal)
}
