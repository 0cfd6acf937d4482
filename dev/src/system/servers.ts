import { join } from 'node:path'
import {
  findRedisServer,
  installKafka,
  installRedis,
  kafkaAvailability,
  type LocalServer,
  MissingServer,
  startKafka,
  startPostgres,
  startRedis,
} from '@floodgate/local-servers'
import type { Run } from '@floodgate/processes'
import { StepFailure } from './failure.ts'
import type { ServerName } from './names.ts'
import type { PortPlan } from './ports.ts'

export interface ServerOptions {
  readonly dataDir: string
  readonly ports: PortPlan
  readonly postgresPassword: string
  readonly durable: boolean
  onLine(name: ServerName, line: string): void
  onNote(line: string): void
  readonly signal?: AbortSignal | undefined
}

/** Returns the start functions of the servers, each on its own port and below the data directory. */
export function serverStarters(options: ServerOptions): Record<ServerName, () => Promise<LocalServer>> {
  const common = (name: ServerName) => ({
    dataDir: join(options.dataDir, name),
    port: options.ports[name],
    log: (line: string) => options.onLine(name, line),
    onProgress: options.onNote,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const installing = {
    onProgress: options.onNote,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
  return {
    postgres: () =>
      startPostgres({ ...common('postgres'), password: options.postgresPassword, durable: options.durable }),
    async redis() {
      if ((await findRedisServer()) === undefined) await installRedis(installing)
      return startRedis(common('redis'))
    },
    async kafka() {
      if (!(await kafkaAvailability()).available) await installKafka(installing)
      return startKafka({ ...common('kafka'), controllerPort: options.ports.kafkaController })
    },
  }
}

const STOP_MS_MAX = 3_000

/** Returns the runs of a supervised server: the first one is its start, each later one a restart on the same data. */
export function serverRuns(start: () => Promise<LocalServer>): {
  launch(): Promise<Run>
  server(): LocalServer | undefined
} {
  let server: LocalServer | undefined
  return {
    server: () => server,
    async launch() {
      if (server === undefined) server = await start()
      else await server.restart()
      return runOf(server)
    },
  }
}

function runOf(server: LocalServer): Run {
  return {
    pid: server.pid,
    exited: server.exited,
    lastLines: () => server.lastLines(),
    async stop() {
      const impatient = setTimeout(() => void server.kill(), STOP_MS_MAX)
      await server.stop()
      clearTimeout(impatient)
    },
    kill: () => server.kill(),
  }
}

const remedies: Record<ServerName, { readonly why: string; readonly command: string }> = {
  postgres: {
    why: 'A local server could not be started here; DATABASE_URL can name an existing one.',
    command: 'DATABASE_URL=postgresql://user:password@host:5432/database npm start -- --migrate',
  },
  redis: {
    why: 'A local server could not be started here; REDIS_URL can name an existing one (append-only file, noeviction).',
    command: 'sudo apt-get update && sudo apt-get install -y redis-server\nor: REDIS_URL=redis://host:6379 npm start',
  },
  kafka: {
    why: 'A local broker could not be started here; KAFKA_BROKERS can name existing ones, and the Redis bus needs none.',
    command: 'sudo apt-get install -y openjdk-17-jre-headless maven\nor: npm start -- --bus redis',
  },
}

/** Describes a server that did not start. */
export function serverFailure(name: ServerName, where: string, error: unknown): StepFailure {
  const message = error instanceof Error ? error.message : String(error)
  const lastLines =
    error instanceof Error && 'lastLines' in error && Array.isArray(error.lastLines) ? error.lastLines : []
  return new StepFailure({
    what: `${name === 'postgres' ? 'Postgres' : name === 'redis' ? 'Redis' : 'Kafka'} could not be started`,
    where,
    why: [message, ...lastLines.slice(-5), ...(error instanceof MissingServer ? [] : [remedies[name].why])].join('\n'),
    command: remedies[name].command,
    cause: error,
  })
}
