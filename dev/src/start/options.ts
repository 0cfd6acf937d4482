import { parseArgs } from 'node:util'
import { type AppName, appNames, type Bus, isAppName } from '../system/names.ts'
import { PORT_BASE, PORT_BASE_MAX, REPLICAS_MAX } from '../system/ports.ts'

export interface StartOptions {
  readonly bus: Bus
  readonly portBase: number
  readonly host: '127.0.0.1' | '0.0.0.0'
  /** Simulated buyers; 0 for none. */
  readonly crowd: number
  readonly replicas: Partial<Record<AppName, number>>
  /** Workers behind each port of the apps that buyers use. */
  readonly workers: number
  readonly without: readonly AppName[]
  readonly reset: boolean
  readonly migrate: boolean
  readonly watch: boolean
  readonly verbose: boolean
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: StartOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

const CROWD_MAX = 100_000
const PORT_BASE_MIN = 1024
/** The maximum of an app. */
const WORKERS_MAX = 64

/** Parses the command line of `npm start`; reports every problem at once. Pure. */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  let values: ReturnType<typeof readFlags>
  try {
    values = readFlags(argv)
  } catch (error) {
    return { kind: 'invalid', problems: [error instanceof Error ? error.message : String(error)] }
  }
  if (values.help) return { kind: 'help' }
  const problems: string[] = []
  const integer = (flag: string, text: string, { min, max }: { min: number; max: number }): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    problems.push(`--${flag} is a whole number from ${min} to ${max}, not "${text}".`)
    return min
  }
  const { bus } = values
  if (bus !== 'redis' && bus !== 'kafka') problems.push(`--bus is redis or kafka, not "${bus}".`)
  const options: StartOptions = {
    bus: bus === 'kafka' ? 'kafka' : 'redis',
    portBase: integer('port-base', values['port-base'], { min: PORT_BASE_MIN, max: PORT_BASE_MAX }),
    host: values.host ? '0.0.0.0' : '127.0.0.1',
    crowd: integer('crowd', values.crowd, { min: 0, max: CROWD_MAX }),
    replicas: parseReplicas(values.replicas, problems),
    workers: integer('workers', values.workers, { min: 1, max: WORKERS_MAX }),
    without: list(values.without).flatMap((name) => knownApp('without', name, problems)),
    reset: values.reset,
    migrate: values.migrate,
    watch: values.watch,
    verbose: values.verbose,
  }
  return problems.length === 0 ? { kind: 'options', options } : { kind: 'invalid', problems }
}

function readFlags(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      bus: { type: 'string', default: 'redis' },
      'port-base': { type: 'string', default: String(PORT_BASE) },
      host: { type: 'boolean', default: false },
      crowd: { type: 'string', default: '0' },
      replicas: { type: 'string', multiple: true, default: [] },
      workers: { type: 'string', default: '1' },
      without: { type: 'string', multiple: true, default: [] },
      reset: { type: 'boolean', default: false },
      migrate: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
}

const list = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => text.split(',')).filter((part) => part !== '')

function knownApp(flag: string, name: string, problems: string[]): AppName[] {
  if (isAppName(name)) return [name]
  problems.push(`--${flag}: no app is called "${name}"; the apps are ${appNames.join(', ')}.`)
  return []
}

function parseReplicas(texts: readonly string[], problems: string[]): Partial<Record<AppName, number>> {
  const replicas: Partial<Record<AppName, number>> = {}
  for (const entry of list(texts)) {
    const [name = '', text = ''] = entry.split('=')
    const count = Number(text)
    if (!Number.isInteger(count) || count < 1 || count > REPLICAS_MAX)
      problems.push(`--replicas: "${entry}" is not APP=N with N from 1 to ${REPLICAS_MAX}.`)
    for (const app of knownApp('replicas', name, problems)) replicas[app] = count
  }
  return replicas
}

export const helpText = `npm start [-- FLAGS]    starts the whole of Floodgate on this machine

  --bus redis|kafka      where events travel (redis); kafka uses KAFKA_BROKERS or starts a broker
  --port-base N          moves all ports (${PORT_BASE}): apps at +100 to +400, payment simulator +500, mail +525/+526,
                         Postgres +532, Redis +579, Kafka +592; further replicas +10 each
  --host                 listens on every address of this machine and prints the one others reach it by
  --crowd N              sends N simulated buyers through the demo sale and prints what became of them
  --replicas APP=N,…     an app several times, each with a port: waiting-room=2,order-core=2
  --workers N            N processes behind each port of the waiting room and the order core (1)
  --without APP          leaves an app out and prints the line that runs it under a debugger
  --reset                forgets this directory's own data first; never what an external URL names
  --migrate              brings an existing DATABASE_URL to the newest schema
  --verbose              every log line, and stack traces
  --help                 this

Variables: DATABASE_URL, REDIS_URL, KAFKA_BROKERS, SMTP_URL name servers that are there already;
FLOODGATE_DATA moves the data directory (.data). Apps: ${appNames.join(', ')}; each knows --help.
Keys: k kills a random app, Ctrl-C stops everything, a second Ctrl-C kills.
`
