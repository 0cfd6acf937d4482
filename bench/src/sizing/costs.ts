/** The cost of one operation, as measured on two cores, or an estimate before it was measured. */
export interface Cost {
  readonly value: number
  readonly unit: 'µs' | 'KiB' | 'bytes' | 'per second'
  readonly what: string
  /** The source of the number: a bench, or an estimate. */
  readonly source: string
  readonly kind: 'measured' | 'estimated'
}

export const costNames = [
  'pollCpu',
  'askedPollCpu',
  'askedPollRedis',
  'joinCpu',
  'joinRedis',
  'boardCpu',
  'socketMemory',
  'socketCpu',
  'waiterMemory',
  'insideMemory',
  'servedMemory',
  'pastMemory',
  'logMemory',
  'tickRedis',
  'snapshotRedis',
  'admissionCpu',
  'admissionRedis',
  'orderCpu',
  'orderRedis',
  'orderPostgres',
  'paymentCpu',
  'noticeCpu',
  'relayEvents',
] as const
export type CostName = (typeof costNames)[number]
export type Costs = Readonly<Record<CostName, Cost>>

const estimated = (value: number, unit: Cost['unit'], what: string, source: string): Cost => ({
  ...{ value, unit, what, source },
  kind: 'estimated',
})

/** A cost measured once, by a bench that is no longer in the tree: its table is in docs/performance.md. */
const measuredOnce = (value: number, unit: Cost['unit'], what: string, source: string): Cost => ({
  ...{ value, unit, what, source },
  kind: 'measured',
})

/**
 * Used where `bench/results/` has no measured value. Estimates, except those of memory, are rounded up from
 * observations during development (2026-11, two shared cores), to be replaced by results of a quiet machine.
 */
export const firstCosts: Costs = {
  pollCpu: estimated(60, 'µs', "waiting room, a waiter's poll", '0.75 of a bare Hono at 22,000 requests/s'),
  askedPollCpu: estimated(
    120,
    'µs',
    'waiting room, a poll at the head of the line',
    'a poll, and a call to Redis shared by few',
  ),
  askedPollRedis: estimated(
    25,
    'µs',
    "the line's Redis, a poll at the head of the line",
    'one small script, network included',
  ),
  joinCpu: estimated(90, 'µs', 'waiting room, a join', '20,000 joins/s of two cores, less the share of Redis'),
  joinRedis: measuredOnce(16.9, 'µs', "the line's Redis, a join", '15,000 joins/s by one process, 2026-11-21'),
  boardCpu: estimated(45, 'µs', 'waiting room, the board', '0.9 of a bare Hono at 22,000 requests/s'),
  socketMemory: estimated(12, 'KiB', 'waiting room, an open socket', 'the promised bound; a bare ws server takes 7.4'),
  socketCpu: estimated(
    15,
    'µs',
    'waiting room, a socket and second while the line moves',
    'one message a second, a third of a poll',
  ),
  waiterMemory: estimated(150, 'bytes', "the line's Redis, a waiter", 'the promised bound'),
  insideMemory: estimated(400, 'bytes', "the line's Redis, a buyer inside", 'a slot, its deadline, and its buyer'),
  servedMemory: estimated(
    400,
    'bytes',
    "the line's Redis, a buyer for an hour after its slot ended",
    'what polls of its ticket need',
  ),
  pastMemory: estimated(1, 'bytes', "the line's Redis, a buyer after that hour", 'a bit by place'),
  logMemory: estimated(
    300,
    'bytes',
    "the line's Redis, the log of an admission and its slot's return",
    'two entries, until they are archived a second later',
  ),
  tickRedis: estimated(60, 'µs', "the line's Redis, a tick without admissions", 'a script of ten commands'),
  snapshotRedis: estimated(600, 'µs', "the line's Redis, a snapshot", '375 ranks of a million waiters'),
  admissionCpu: estimated(
    400,
    'µs',
    "waiting room, from the admission to the slot's return",
    'an EdDSA signature, three events',
  ),
  admissionRedis: estimated(
    60,
    'µs',
    "the line's Redis, an admission and its slot's return",
    'ten commands in two scripts',
  ),
  orderCpu: estimated(
    1_500,
    'µs',
    'order core, an order from the request to its confirmation',
    'two batches, three events, some reads',
  ),
  orderRedis: estimated(
    120,
    'µs',
    "the stock's Redis, an order",
    'taking, marking and ending the hold, network included',
  ),
  orderPostgres: estimated(600, 'µs', 'Postgres, an order with its payment and its mail', 'seven rows in four batches'),
  paymentCpu: estimated(800, 'µs', 'payment worker, an order', 'one call to the provider, two batches, two events'),
  noticeCpu: estimated(1_000, 'µs', 'notifier, an order', 'one mail, one socket message, two events'),
  relayEvents: measuredOnce(
    15_000,
    'per second',
    'the outbox relay of one app',
    '20,000 events a round to Kafka, 2026-11-21',
  ),
}
