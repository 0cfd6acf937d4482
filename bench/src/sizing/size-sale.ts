import type { CostName, Costs } from './costs.ts'
import { pollsOf } from './poll-model.ts'

export interface SizedSale {
  readonly waiters: number
  /** Admissions per second. */
  readonly rate: number
  /** Time within which everybody joins. */
  readonly arriveSeconds: number
  /** Share of admitted buyers who place an order, up to 1. */
  readonly buyShare: number
  /** How long the payment provider takes. */
  readonly providerSeconds: number
  /** How long a buyer is inside, at most the time of an admission. */
  readonly insideSeconds: number
}

/** How buyers wait: the page uses a socket, and polls without one; the board needs a custom client. */
export const waysToWait = ['socket', 'poll', 'board'] as const
export type WayToWait = (typeof waysToWait)[number]

/** A part that more processes do not relieve, with the used share of it; above 1 it breaks. */
export interface SingleOwner {
  readonly what: string
  readonly used: number
  readonly remedy: string
}

export interface Needs {
  readonly joinsPerSecond: number
  readonly pollsPerSecond: number
  readonly askedPollsPerSecond: number
  readonly roomCores: Readonly<Record<WayToWait, number>>
  readonly roomProcesses: Readonly<Record<WayToWait, number>>
  readonly socketGib: number
  readonly cdnRequestsPerSecond: number
  readonly boardBytes: number
  /** Memory at its maximum. */
  readonly lineGib: number
  /** Hourly growth of the log while it cannot be archived. */
  readonly logGibPerHour: number
  /** Shares of one Redis: its CPU while all join, and while they wait. */
  readonly lineRedisArriving: number
  readonly lineRedisWaiting: number
  readonly lanes: number
  readonly ordersPerSecond: number
  readonly coreProcesses: number
  readonly paymentProcesses: number
  readonly notifierProcesses: number
  readonly stockRedis: number
  readonly postgresCores: number
  readonly ordersPerCommit: number
  readonly eventsPerSecond: number
  readonly partitions: number
  readonly drainMinutes: number
  /** Parts, the most used first. */
  readonly owners: readonly SingleOwner[]
}

/** Maximum utilization of a process: a busier one has no reserve. */
export const BUSY = 0.6
/** Minimum number of processes: one may die while the other continues. */
const PROCESSES_MIN = 2
const SOCKETS_PER_PROCESS = 20_000
const TICKS_PER_SECOND = 10
const SNAPSHOTS_PER_SECOND = 4
const BOARD_SECONDS = 2
const CHARGES_IN_FLIGHT = 256
const COMMIT_SECONDS = 0.01
const POSTGRES_CORES = 16
const EVENTS_PER_ORDER = 3
const CORE_EVENTS_PER_ORDER = 2
const MICROSECONDS = 1e6
const GIB = 1024 ** 3
/** How long Redis keeps an ended slot. */
const HOUR_SECONDS = 3_600

/** Computes what a sale needs, from the costs of single operations. Pure: the arithmetic of `docs/sizing.md`. */
export function sizeSale(costs: Costs, sale: SizedSale): Needs {
  const { waiters, rate, arriveSeconds, buyShare } = sale
  const cpu = (name: CostName): number => costs[name].value / MICROSECONDS
  const joinsPerSecond = waiters / arriveSeconds
  const { askedPerSecond, windowPerSecond, behindPerSecond } = pollsOf(waiters, rate)

  const admitting = rate * cpu('admissionCpu')
  const joining = joinsPerSecond * cpu('joinCpu')
  const waiting: Record<WayToWait, number> = {
    socket: waiters * cpu('socketCpu'),
    poll: (behindPerSecond + windowPerSecond) * cpu('pollCpu') + askedPerSecond * cpu('askedPollCpu'),
    board: windowPerSecond * cpu('pollCpu') + askedPerSecond * cpu('askedPollCpu'),
  }
  const roomCores = byWay((way) => Math.max(joining, admitting) + waiting[way])
  const roomProcesses = byWay((way) =>
    Math.max(processesFor(roomCores[way]), way === 'socket' ? Math.ceil(waiters / SOCKETS_PER_PROCESS) : 0),
  )

  const ticking = (processes: number): number =>
    // One process ticks; each of them reads snapshots of a requested sale.
    TICKS_PER_SECOND * cpu('tickRedis') + processes * SNAPSHOTS_PER_SECOND * cpu('snapshotRedis')
  const always = ticking(roomProcesses.poll)
  const lineRedisArriving = always + joinsPerSecond * cpu('joinRedis')
  const lineRedisWaiting = always + askedPerSecond * cpu('askedPollRedis') + rate * cpu('admissionRedis')

  const orders = orderNeeds(costs, sale)
  const owners: SingleOwner[] = [
    { what: "the line's Redis while all join", used: lineRedisArriving, remedy: 'lanes' },
    { what: "the line's Redis while they wait", used: lineRedisWaiting, remedy: 'lanes; fewer, larger processes' },
    { what: "the stock's Redis", used: orders.stockRedis, remedy: 'a Redis for the stock alone; several sales' },
    { what: `Postgres of ${POSTGRES_CORES} cores`, used: orders.postgresCores / POSTGRES_CORES, remedy: 'one per app' },
    { what: "the order core's relay", used: orders.relay, remedy: 'relay shards' },
  ]
  return {
    ...{ joinsPerSecond, roomCores, roomProcesses, lineRedisArriving, lineRedisWaiting, ...orders },
    pollsPerSecond: askedPerSecond + windowPerSecond + behindPerSecond,
    askedPollsPerSecond: askedPerSecond,
    socketGib: (waiters * costs.socketMemory.value * 1024) / GIB,
    cdnRequestsPerSecond: waiters / BOARD_SECONDS,
    boardBytes: boardBytes(waiters),
    lineGib: lineBytesMost(costs, sale) / GIB,
    logGibPerHour: (Math.min(waiters, rate * HOUR_SECONDS) * costs.logMemory.value) / GIB,
    lanes: Math.ceil(Math.max(lineRedisArriving, lineRedisWaiting) / BUSY),
    ordersPerSecond: rate * buyShare,
    drainMinutes: waiters / rate / 60,
    owners: owners.toSorted((one, other) => other.used - one.used),
  }
}

/**
 * Returns the maximum memory. A buyer waits, is inside, and is remembered, each at its own cost. All joined at the
 * start, and as many move on each second as are admitted, so the sum is piecewise linear: its maximum is at one of the
 * ends.
 */
function lineBytesMost(costs: Costs, { waiters, rate, insideSeconds }: SizedSale): number {
  const drained = waiters / rate
  const at = (seconds: number): number => {
    const admitted = Math.min(waiters, rate * seconds)
    const outside = Math.min(waiters, rate * Math.max(0, seconds - insideSeconds))
    const past = Math.min(waiters, rate * Math.max(0, seconds - insideSeconds - HOUR_SECONDS))
    return (
      (waiters - admitted) * costs.waiterMemory.value +
      (admitted - outside) * costs.insideMemory.value +
      (outside - past) * costs.servedMemory.value +
      past * costs.pastMemory.value
    )
  }
  const ends = [0, insideSeconds, insideSeconds + HOUR_SECONDS, drained, drained + insideSeconds]
  return Math.max(...ends.map(at))
}

function orderNeeds(costs: Costs, { rate, buyShare, providerSeconds }: SizedSale) {
  const perSecond = rate * buyShare
  const cores = (name: CostName): number => (perSecond * costs[name].value) / MICROSECONDS
  const coreProcesses = processesFor(cores('orderCpu'))
  const paymentProcesses = Math.max(
    processesFor(cores('paymentCpu')),
    Math.ceil((perSecond * providerSeconds) / (CHARGES_IN_FLIGHT * BUSY)),
  )
  const notifierProcesses = processesFor(cores('noticeCpu'))
  return {
    ...{ coreProcesses, paymentProcesses, notifierProcesses },
    stockRedis: cores('orderRedis'),
    postgresCores: cores('orderPostgres'),
    ordersPerCommit: Math.max(1, (perSecond * COMMIT_SECONDS) / coreProcesses),
    eventsPerSecond: perSecond * EVENTS_PER_ORDER,
    partitions: powerOfTwo(Math.max(coreProcesses, paymentProcesses, notifierProcesses)),
    relay: (perSecond * CORE_EVENTS_PER_ORDER) / costs.relayEvents.value,
  }
}

const processesFor = (cores: number): number => Math.max(PROCESSES_MIN, Math.ceil(cores / BUSY))

/** Reserve for growth without moving keys to other partitions. */
const powerOfTwo = (least: number): number => Math.max(8, 2 ** Math.ceil(Math.log2(least)))

const byWay = (of: (way: WayToWait) => number): Record<WayToWait, number> => ({
  socket: of('socket'),
  poll: of('poll'),
  board: of('board'),
})

/** Ranks 0 to 200, then five per cent apart; a rank and a place take about 16 characters. */
function boardBytes(waiters: number): number {
  const marks = waiters <= 200 ? waiters : 200 + Math.log(waiters / 200) / Math.log(1.05)
  return Math.round(350 + 16 * marks)
}
