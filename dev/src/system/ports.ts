import { assertPortFree, freePorts, PortInUse } from '@floodgate/processes'
import { StepFailure } from './failure.ts'
import { type AppName, appNames } from './names.ts'

/** Every port of a system. An app has one per replica. */
export interface PortPlan {
  readonly apps: Readonly<Record<AppName, readonly number[]>>
  /** The operations port of each replica. */
  readonly operations: Readonly<Record<AppName, readonly number[]>>
  readonly paymentSimulator: number
  readonly mailSmtp: number
  readonly mailHttp: number
  readonly postgres: number
  readonly redis: number
  readonly kafka: number
  readonly kafkaController: number
}

export const PORT_BASE = 7000
/** The highest base whose last offset is still a valid port. */
export const PORT_BASE_MAX = 64_000
/** Replica ports are ten apart, an app's hundred holds ten. */
export const REPLICAS_MAX = 9

const offsets = {
  'waiting-room': 100,
  'order-core': 200,
  'payment-worker': 300,
  notifier: 400,
  paymentSimulator: 500,
  mailSmtp: 525,
  mailHttp: 526,
  postgres: 532,
  redis: 579,
  kafka: 592,
  kafkaController: 593,
} as const
const REPLICA_STEP = 10
/** Offset from an app's port to its operations port: 8100 for 7100. */
const OPERATIONS_OFFSET = 1_000

type Replicas = Readonly<Record<AppName, number>>

const forEachApp = (ports: (app: AppName) => number[]): Record<AppName, number[]> => ({
  'waiting-room': ports('waiting-room'),
  'order-core': ports('order-core'),
  'payment-worker': ports('payment-worker'),
  notifier: ports('notifier'),
})

/** Returns the documented ports: `base` plus each one's offset. */
export function portsFrom(base: number, replicas: Replicas): PortPlan {
  const portsOf = (app: AppName, offset = 0): number[] =>
    Array.from({ length: replicas[app] }, (_, replica) => base + offset + offsets[app] + REPLICA_STEP * replica)
  return {
    apps: forEachApp((app) => portsOf(app)),
    operations: forEachApp((app) => portsOf(app, OPERATIONS_OFFSET)),
    paymentSimulator: base + offsets.paymentSimulator,
    mailSmtp: base + offsets.mailSmtp,
    mailHttp: base + offsets.mailHttp,
    postgres: base + offsets.postgres,
    redis: base + offsets.redis,
    kafka: base + offsets.kafka,
    kafkaController: base + offsets.kafkaController,
  }
}

/** Returns ports that were free a moment ago, for a system that runs next to another one. */
export async function anyFreePorts(replicas: Replicas): Promise<PortPlan> {
  const shape = portsFrom(0, replicas)
  const free = await freePorts(portList(shape).length)
  const next = (): number => {
    const port = free.pop()
    if (port === undefined) throw new Error('Fewer free ports than requested.')
    return port
  }
  return {
    apps: forEachApp((app) => shape.apps[app].map(next)),
    operations: forEachApp((app) => shape.operations[app].map(next)),
    paymentSimulator: next(),
    mailSmtp: next(),
    mailHttp: next(),
    postgres: next(),
    redis: next(),
    kafka: next(),
    kafkaController: next(),
  }
}

export interface NamedPort {
  readonly name: string
  readonly port: number
  readonly host: string
}

/** Lists every port with its usual name, in the order of the documentation. */
export function portList(plan: PortPlan, host = '127.0.0.1'): NamedPort[] {
  const nameOf = (app: AppName, replica: number) => (replica === 0 ? app : `${app} ${replica + 1}`)
  const apps = appNames.flatMap((app) =>
    plan.apps[app].map((port, replica) => ({ name: nameOf(app, replica), port, host })),
  )
  const operations = appNames.flatMap((app) =>
    plan.operations[app].map((port, replica) => ({
      name: `${nameOf(app, replica)} (operations)`,
      port,
      host: '127.0.0.1',
    })),
  )
  return [
    ...apps,
    { name: 'payment simulator', port: plan.paymentSimulator, host },
    { name: 'mail (SMTP)', port: plan.mailSmtp, host },
    { name: 'mail (HTTP inbox)', port: plan.mailHttp, host },
    { name: 'Postgres', port: plan.postgres, host: '127.0.0.1' },
    { name: 'Redis', port: plan.redis, host: '127.0.0.1' },
    { name: 'Kafka', port: plan.kafka, host: '127.0.0.1' },
    { name: 'Kafka controller', port: plan.kafkaController, host: '127.0.0.1' },
    ...operations,
  ]
}

/** Throws one failure that names every port in use. */
export async function assertPortsFree(ports: readonly NamedPort[]): Promise<void> {
  const taken = await Promise.all(
    ports.map(async ({ name, port, host }) => {
      try {
        await assertPortFree(port, host)
        return undefined
      } catch (error) {
        if (!(error instanceof PortInUse)) throw error
        return `${name}: ${error.message}`
      }
    }),
  )
  const lines = taken.filter((line) => line !== undefined)
  if (lines.length === 0) return
  throw new StepFailure({
    what: lines.length === 1 ? 'A port is in use' : `${lines.length} ports are in use`,
    where: lines.join('\n'),
    why: 'Another program, or a Floodgate started from another directory, listens there.',
    command: 'npm start -- --port-base 17000',
  })
}
