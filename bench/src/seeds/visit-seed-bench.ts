import { type Crowd, createMeasures, type Mix, runCrowd } from '@floodgate/crowd'
import { createPool } from '@floodgate/database'
import { auditSale } from '../audit/audit-sale.ts'
import { defineBench } from '../bench.ts'
import { crowdFaults, endFaults } from '../crowd/crowd-faults.ts'
import { faults } from '../report/faults.ts'
import { below, equals } from '../report/thresholds.ts'
import { oneItem } from '../system/operator.ts'
import { withSystem } from '../system/system.ts'
import { aboutSeed, type Seed, seedResult } from './seed.ts'
import { warmUp } from './warm-up.ts'

const SALE = 'l6'
const WARM = 'l6-warm'
const WARM_USERS = 300
const WARM_MS = 5_000
const SECOND = 1_000
/** A fifth abandon their visit, and a fifth of the others is declined: 64 of a hundred buy. */
const MIX: Mix = { buy: 64, leave: 0, 'be-declined': 16, wait: 20 }
const HUNDRED = 100

const seed: Seed = {
  name: 'l6',
  shop: 'D',
  about: '5,000 users within five minutes, of whom 20 % abandon their visit and 20 % of the others are declined',
}

/** Lets users make whole visits: join, be admitted, look, order, be paid for or declined, or abandon it. */
export const visitSeedBench = defineBench({
  name: seed.name,
  about: aboutSeed(seed),
  group: 'seeds',
  needs: [],
  options: {
    seconds: { about: 'seconds in which the users arrive', default: 300, small: 3 },
    'users-per-second': { about: 'users per second', default: 16.7 },
    rate: { about: 'admissions per second', default: 100 },
    durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: (run) => {
    const { seconds, rate, durable, 'users-per-second': perSecond } = run.values
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    // A whole number of hundreds has the exact shares.
    const users = Math.max(1, Math.round((perSecond * seconds) / HUNDRED)) * HUNDRED
    return withSystem(run, { bus, durable: durable !== 'off' }, async (system) => {
      const pool = createPool(system.databaseUrl, { max: 1 })
      const paidElsewhere = await warmUp(run, { system, pool, paid: true }).finally(() => pool.end())
      const places = { waitingRooms: system.urlsOf('waiting-room'), orderCores: system.urlsOf('order-core') }
      await system.operator.openSale(WARM, { admitPerSecond: rate, maxActive: users, items: [oneItem(1)] })
      const onlyWait = {
        sale: WARM,
        size: run.small ? 1 : WARM_USERS,
        mix: { ...MIX, buy: 0, 'be-declined': 0, wait: 100 },
      }
      await runCrowd({ ...onlyWait, ...places, arrival: { pattern: 'even', overMs: WARM_MS }, signal: run.signal })
      await system.operator.openSale(SALE, { admitPerSecond: rate, maxActive: users, items: [oneItem(users)] })
      run.progress(`${users} users within ${seconds} s`)
      const measures = createMeasures()
      const crowd = await runCrowd({
        ...{ sale: SALE, size: users, mix: MIX, arrival: { pattern: 'even', overMs: seconds * SECOND } },
        ...{ ...places, observer: measures.observer, signal: run.signal },
      })
      run.signal.throwIfAborted()
      const measured = measures.read()
      measures.close()
      run.progress('auditing the sale')
      const confirmed = ordersOf(crowd)
      const audit = await auditSale(system, {
        sale: SALE,
        sold: confirmed.length,
        confirmed,
        admitted: users,
        paidElsewhere,
      })
      const wanted = (users * MIX.buy) / HUNDRED
      const percent = (HUNDRED * confirmed.length) / users
      const { all, timings } = measured
      return seedResult(seed, {
        compared: [
          {
            what: 'visits that end in a paid order',
            theirs: '55.8 %, of 64 % expected',
            ours: `${percent.toFixed(1)} %`,
          },
          { what: 'mean response', theirs: '20 ms', ours: `${all.mean.toFixed(1)} ms` },
          { what: 'p95 of a response', theirs: '56 ms', ours: `${all.p95.toFixed(1)} ms` },
          { what: 'p95 of an order', theirs: '–', ours: `${(timings.order?.p95 ?? 0).toFixed(1)} ms` },
        ],
        thresholds: [
          equals(64, { what: 'visits that end in a paid order', value: percent, digits: 1, unit: ' %', tolerance: 1 }),
          below(56, { what: 'p95 of a response', value: all.p95, digits: 1, unit: ' ms', kind: 'absolute' }),
        ],
        faults: [
          ...crowdFaults(measured),
          ...endFaults(crowd, users),
          ...faults([[confirmed.length !== wanted, `${confirmed.length} users bought, ${wanted} wanted to and could`]]),
          ...audit,
          ...system.deaths().map(({ name }) => `${name} died`),
        ],
        conditions: [
          `${users} users in ${seconds} s. A visit here also waits in line, at ${rate} admissions/s; who abandons it has been admitted, and gives the slot back.`,
          `${all.count} responses; the generator's own event loop was ${measured.generator.p99.toFixed(1)} ms late (p99), which its times include.`,
          `One process of each app, events by ${bus}, Postgres waits for the disk: ${durable}. After ${paidElsewhere} orders and ${WARM_USERS} visits of other sales.`,
        ],
        details: { measured: { ...measured, waits: measured.waits.length, seconds: undefined } },
      })
    })
  },
})

const ordersOf = ({ buyers }: Crowd): string[] =>
  buyers.flatMap(({ outcome, order }) => (outcome === 'confirmed' && order !== undefined ? [order] : []))
