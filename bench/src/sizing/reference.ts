import type { Costs } from './costs.ts'
import { BUSY, type Needs, type SizedSale, sizeSale } from './size-sale.ts'

/** The sizes of the reference architecture. */
export const referenceSizes = [10_000, 100_000, 1_000_000] as const

const GIB = 1024 ** 3
const MIB = 1024 ** 2
/** Resident memory of a process under load, without its sockets: rounded up from runs on two cores, 2026-11. */
const PROCESS_MIB = 200
/** Reserve for what the allocator wastes, and for the copy that a rewrite of the append-only file makes. */
const REDIS_RESERVE = 2
const REDIS_GIB_MIN = 1
const POSTGRES_CORES_MIN = 2
/** Rows, indexes and outbox of an order with its charge and its mail: estimated from the columns. */
const ORDER_KIB = 8
/** A join and the page before it, compressed; a position over a socket: estimated, with headers. */
const ARRIVAL_BYTES = 60_000
const MESSAGE_BYTES = 250
const POOL_PER_CORE = 12
const POOL_PER_APP = 10
const PERCENT = 100

interface Reference {
  readonly processes: number
  readonly memoryGib: number
  readonly redisGib: number
  readonly redisBusy: number
  readonly postgresCores: number
  readonly postgresConnections: number
  readonly diskGib: number
  readonly arrivingMbit: number
  readonly waitingMbit: number
}

/** Computes the machines for a sale whose buyers wait by socket, as the page does. Pure. */
export function referenceOf(needs: Needs, sale: SizedSale): Reference {
  const rooms = needs.roomProcesses.socket
  const others = needs.coreProcesses + needs.paymentProcesses + needs.notifierProcesses
  const processes = rooms + others
  const orders = sale.waiters * sale.buyShare
  const megabits = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e6
  return {
    processes,
    memoryGib: (processes * PROCESS_MIB * MIB) / GIB + needs.socketGib,
    redisGib: Math.max(REDIS_GIB_MIN, Math.ceil((needs.lineGib + needs.logGibPerHour) * REDIS_RESERVE)),
    redisBusy: Math.max(needs.lineRedisArriving, needs.lineRedisWaiting) + needs.stockRedis,
    postgresCores: Math.max(POSTGRES_CORES_MIN, Math.ceil(needs.postgresCores / BUSY)),
    postgresConnections:
      needs.coreProcesses * POOL_PER_CORE + (rooms + needs.paymentProcesses + needs.notifierProcesses) * POOL_PER_APP,
    diskGib: (orders * ORDER_KIB * 1024) / GIB,
    arrivingMbit: megabits(needs.joinsPerSecond * ARRIVAL_BYTES),
    waitingMbit: megabits(sale.waiters * MESSAGE_BYTES),
  }
}

type Row = readonly [string, (reference: Reference, needs: Needs) => string]

const rows: readonly Row[] = [
  ['waiting room, processes', (_, { roomProcesses }) => whole(roomProcesses.socket)],
  ['order core, payment worker, notifier: processes', (_, needs) => orderProcesses(needs)],
  ['cores for all of them, one each', ({ processes }) => whole(processes)],
  ['memory for all of them', ({ memoryGib }) => `${tenths(memoryGib)} GiB`],
  ['Redis: one primary, memory', ({ redisGib }) => `${whole(redisGib)} GiB`],
  ['Redis: busy share of its core', ({ redisBusy }) => `${whole(redisBusy * PERCENT)} %`],
  ['Postgres: cores', ({ postgresCores }) => whole(postgresCores)],
  ['Postgres: connections (`max_connections` above)', ({ postgresConnections }) => whole(postgresConnections)],
  ['Postgres: disk that the sale adds', ({ diskGib }) => `${tenths(diskGib)} GiB`],
  ['Kafka: brokers, partitions of a topic', (_, { partitions }) => `3, ${whole(partitions)}`],
  ['bandwidth to buyers, while they arrive', ({ arrivingMbit }) => `${whole(arrivingMbit)} Mbit/s`],
  ['bandwidth to buyers, while they wait', ({ waitingMbit }) => `${whole(waitingMbit)} Mbit/s`],
]

/** Formats the machines of these sales as a table, one column each. Pure. */
export function referenceTable(costs: Costs, sales: readonly SizedSale[]): string {
  const columns = sales.map((sale) => {
    const needs = sizeSale(costs, sale)
    return { needs, reference: referenceOf(needs, sale) }
  })
  return [
    `| waiters | ${sales.map(({ waiters }) => `**${whole(waiters)}**`).join(' | ')} |`,
    `|---|${sales.map(() => '--:|').join('')}`,
    ...rows.map(
      ([name, cell]) => `| ${name} | ${columns.map(({ reference, needs }) => cell(reference, needs)).join(' | ')} |`,
    ),
  ].join('\n')
}

function orderProcesses({ coreProcesses, paymentProcesses, notifierProcesses }: Needs): string {
  return [coreProcesses, paymentProcesses, notifierProcesses].map(whole).join(', ')
}

function whole(value: number): string {
  return Math.ceil(value).toLocaleString('en')
}

function tenths(value: number): string {
  return value < 0.1 ? 'below 0.1' : (Math.ceil(value * 10) / 10).toLocaleString('en')
}
