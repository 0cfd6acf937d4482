import { createPool } from '@floodgate/database'
import { type Bench, defineBench } from '../bench.ts'
import { acceptedOf, generatorShare } from '../order-load/job.ts'
import { withSystem } from '../system/system.ts'
import { type DrivenRound, driveRound } from './drive-round.ts'
import { scaleRound } from './order-rounds.ts'
import { type OrderSeed, orderSeeds } from './order-seeds.ts'
import { aboutSeed, seedResult } from './seed.ts'
import { warmUp } from './warm-up.ts'

/** Longer than a load whose orders nobody pays for. */
const HOLD_SECONDS = '86400'

/** One bench for each load of orders. */
export const orderSeedBenches: readonly Bench[] = orderSeeds.map(benchOf)

function benchOf(seed: OrderSeed): Bench {
  const { name, paid, rounds, smallScale } = seed
  return defineBench({
    name,
    about: aboutSeed(seed),
    group: 'seeds',
    needs: [],
    options: {
      seconds: { about: 'seconds of a load that has a time', default: seed.seconds ?? 1, small: 1 },
      scale: { about: 'factor of the numbers of buyers', default: 1, small: smallScale },
      replicas: { about: 'processes of the order core', default: 1 },
      durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
      bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
    },
    run: (run) => {
      const { seconds, scale, replicas, durable } = run.values
      const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
      const setup = { bus, durable: durable !== 'off', replicas: { 'order-core': replicas } } as const
      // The notifier shows the stock to those who read it.
      const readers = rounds.some(({ readsPerSecond }) => readsPerSecond !== undefined)
      const without = ['payment-worker', ...(readers ? [] : ['notifier' as const])] as const
      const unpaid = { without, environment: { 'order-core': { HOLD_SECONDS } } }
      return withSystem(run, { ...setup, ...(paid ? {} : unpaid) }, async (system) => {
        const pool = createPool(system.databaseUrl, { max: 2 })
        try {
          const warm = await warmUp(run, { system, pool, paid })
          const driven: DrivenRound[] = []
          for (const round of rounds)
            driven.push(await driveRound(run, { system, pool }, { round: scaleRound(round, scale), seconds, paid }))
          return seedResult(seed, {
            compared: seed.compare(driven),
            thresholds: seed.thresholds(driven),
            faults: [...driven.flatMap((each) => each.faults), ...system.deaths().map((death) => `${death.name} died`)],
            conditions: [
              ...(seed.seconds === undefined ? [] : [`${seconds} s of the shop's ${seed.seconds}.`]),
              paid
                ? 'Every order is paid, mailed and confirmed while others are placed.'
                : 'Orders are placed and held, as at the shop; no payment runs.',
              `${replicas} processes of the order core, events by ${bus}, Postgres waits for the disk: ${durable}.`,
              `After ${warm} orders of another sale.`,
              costOf(driven.at(-1)),
            ],
            details: { rounds: driven },
          })
        } finally {
          await pool.end()
        }
      })
    },
  })
}

/** Returns the CPU time per order of the last round, by server, and the generator's share of a core. Pure. */
function costOf(driven: DrivenRound | undefined): string {
  if (driven === undefined) return ''
  const { cpuMs, orders } = driven
  const each = Object.entries(cpuMs).map(([name, ms]) => `${name} ${(ms / acceptedOf(orders)).toFixed(2)}`)
  return `CPU per order in ms: ${each.join(', ')}. The generator took ${generatorShare(orders).toFixed(2)} of a core.`
}
