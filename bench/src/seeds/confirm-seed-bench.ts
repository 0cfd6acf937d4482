import { createPool } from '@floodgate/database'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { auditSale } from '../audit/audit-sale.ts'
import { defineBench } from '../bench.ts'
import { withCpu } from '../checkout/cpu-watch.ts'
import { readConfirmations } from '../confirm/confirmation-times.ts'
import { percentile } from '../order-load/percentile.ts'
import { faults } from '../report/faults.ts'
import { atLeast, below } from '../report/thresholds.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { loopUntilConfirmed } from './confirm-loop.ts'
import { aboutSeed, type Seed, seedResult } from './seed.ts'
import { warmUp } from './warm-up.ts'

const SALE = 'l3'
const SECOND = 1_000
/** More than any machine sells meanwhile. */
const STOCK = 10_000_000
const WATCHED_PROCESSES = [
  ...(['order-core', 'payment-worker', 'notifier', 'waiting-room'] as const),
  ...(['postgres', 'redis', 'kafka', 'payment-simulator', 'mail'] as const),
]

const seed: Seed = {
  name: 'l3',
  shop: 'C',
  about: '100 buyers, each orders again as soon as the last order is paid and confirmed',
}

/** Measures whole orders in a closed loop: placed, charged, confirmed, and mailed beside. */
export const confirmSeedBench = defineBench({
  name: seed.name,
  about: aboutSeed(seed),
  group: 'seeds',
  needs: [],
  options: {
    seconds: { about: 'seconds of the load', default: 300, small: 1 },
    buyers: { about: 'concurrent buyers', default: 100, small: 10 },
    durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: (run) => {
    const { seconds, buyers, durable } = run.values
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    return withSystem(run, { bus, durable: durable !== 'off' }, async (system) => {
      const warm = await withPool(system, (pool) => warmUp(run, { system, pool, paid: true }))
      await system.operator.openSale(SALE, { admitPerSecond: 1, maxActive: 1, items: [oneItem(STOCK)] })
      const series = { dataDir: system.dataDir, sale: SALE, skus: ['COAT'], label: SALE }
      const watched = Object.fromEntries(WATCHED_PROCESSES.map((name) => [name, system.pidsOf(name)]))
      run.progress(`${buyers} buyers for ${seconds} s`)
      const events = busOf(system)
      const { result, cpuMs } = await withCpu(watched, () =>
        loopUntilConfirmed(events, { url: system.urls.orderCore, series, buyers, msMax: seconds * SECOND }),
      ).finally(() => events.close())
      run.progress(`auditing ${result.followed.length} orders`)
      const orders = result.followed.length
      const audit = await auditSale(system, { sale: SALE, sold: orders, paidElsewhere: warm })
      const written = await withPool(system, (pool) => readConfirmations(pool, SALE))
      const perSecond = orders / (result.elapsedMs / SECOND)
      const confirmedMs = result.followed.map((each) => each.confirmedMs)
      const mean = confirmedMs.reduce((sum, ms) => sum + ms, 0) / orders
      const p95 = percentile(confirmedMs, 0.95)
      const placedP95 = percentile(
        result.followed.map((each) => each.placedMs),
        0.95,
      )
      return seedResult(seed, {
        compared: [
          { what: 'confirmations/s', theirs: '358', ours: perSecond.toFixed(0) },
          { what: 'mean time to confirm', theirs: '0.2 s, of an order held before', ours: `${mean.toFixed(0)} ms` },
          { what: 'p95 from the order to its confirmation', theirs: '–', ours: `${p95.toFixed(0)} ms` },
          { what: 'p95 of the response to the order', theirs: '–', ours: `${placedP95.toFixed(0)} ms` },
        ],
        thresholds: [
          atLeast(1_000, { what: 'confirmations/s', value: perSecond, kind: 'absolute' }),
          below(50, { what: 'p95 from the order to its confirmation', value: p95, unit: ' ms', kind: 'absolute' }),
        ],
        faults: [
          ...faults([
            [orders === 0, 'no order was confirmed'],
            [written.confirmed !== orders, `${orders} confirmations seen, ${written.confirmed} orders confirmed`],
            [written.orders !== orders, `${orders} orders placed, ${written.orders} written`],
          ]),
          ...audit,
          ...system.deaths().map(({ name }) => `${name} died`),
        ],
        conditions: [
          `${seconds} s of the shop's 300. The shop confirms orders that were held before; here each is also placed, charged at a simulated provider, and mailed.`,
          'Buyers learn of the confirmation by its event.',
          `One process of each app, events by ${bus}, Postgres waits for the disk: ${durable}. After ${warm} orders of another sale.`,
          `CPU per order in ms: ${Object.entries(cpuMs)
            .map(([name, ms]) => `${name} ${(ms / orders).toFixed(2)}`)
            .join(', ')}.`,
        ],
        details: { orders, perSecond, mean, p95, placedP95, cpuMs },
      })
    })
  },
})

function busOf({ bus, redisUrl, kafkaBrokers }: BenchSystem): EventBus {
  const shared = { clientId: 'bench', log: silentLogger }
  if (bus === 'redis') return createEventBus({ kind: 'redis', redisUrl, ...shared })
  return createEventBus({
    ...{ kind: 'kafka', brokers: (kafkaBrokers ?? '').split(','), ...shared },
    onFatal: (error) => {
      throw error
    },
  })
}

async function withPool<Result>({ databaseUrl }: BenchSystem, work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const pool = createPool(databaseUrl, { max: 1 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}
