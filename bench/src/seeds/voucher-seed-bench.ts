import { bodyOf, createClient, createSend } from '@floodgate/client'
import { orderCoreRoutes } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { type Bench, type BenchRun, defineBench } from '../bench.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { failuresOf, generatorShare, type OrderReport } from '../order-load/job.ts'
import { table } from '../report/table.ts'
import { below } from '../report/thresholds.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { claimFaults, countOf } from './claim-faults.ts'
import { aboutSeed, type Compared, type Seed, seedResult } from './seed.ts'
import { warmUpSize } from './warm-up.ts'

const CAMPAIGN = 'spring'
const RESPONSE_MS_MAX = 15_000
/** Ends a hanging run. */
const SECONDS_MAX = 600
/** Claims per second, one rate after the other in equal parts of the time. The shop reports some 165 a second at its most. */
const RATES = [1, 100, 200, 300, 70, 25, 8]
const PEAK = RATES.indexOf(300)

/** A part of a load: so many claims, at a rate or each connection one after the other. */
interface Part {
  readonly label: string
  readonly count: number
  readonly connections: number
  readonly perSecond?: number
}

/** Sends claims of different buyers to a new campaign with this total, and counts what the ledger has afterwards. */
async function claimAll(
  run: BenchRun,
  system: BenchSystem,
  { sale, total, parts }: { readonly sale: string; readonly total: number; readonly parts: readonly Part[] },
) {
  await system.operator.openSale(sale, { admitPerSecond: 1, maxActive: 1, items: [oneItem(1)] })
  const cores = createClient(orderCoreRoutes, {
    send: createSend({ urls: [system.urls.orderCore], msMax: RESPONSE_MS_MAX }),
    adminToken: system.adminToken,
  })
  const campaignOf = async () => (await bodyOf(cores.listVoucherCampaigns({ params: { sale } }))).campaigns[0]
  const body = { name: 'Spring', discount: { kind: 'fixed', amountMinor: 500 } as const, total }
  await bodyOf(cores.putVoucherCampaign({ params: { sale, campaign: CAMPAIGN }, body }))
  const reports: OrderReport[] = []
  for (const { label, count, connections, perSecond } of parts) {
    run.progress(`${sale}: ${label}`)
    const claims = { dataDir: system.dataDir, sale, campaign: CAMPAIGN, label }
    const job = { urls: [...system.urlsOf('order-core')], claims, count, connections, secondsMax: SECONDS_MAX }
    const pace = perSecond === undefined ? {} : { perSecond, secondsMax: count / perSecond }
    reports.push(await driveOrders({ ...job, ...pace }, run))
  }
  const pool = createPool(system.databaseUrl, { max: 1 })
  try {
    const { rows } = await pool.query<{ vouchers: number; buyers: number }>(
      'select count(*)::int as vouchers, count(distinct buyer)::int as buyers from orders.vouchers where sale = $1',
      [sale],
    )
    const { vouchers = 0, buyers = 0 } = rows[0] ?? {}
    const campaign = (await campaignOf()) ?? { issued: 0, total }
    const found = claimFaults({ reports, campaign, vouchers, buyers })
    return { reports, faults: found.map((fault) => `${sale}: ${fault}`) }
  } finally {
    await pool.end()
  }
}

/** Sends claims of another sale first, of which half are refused, so that all code is compiled (see `warmUp` for orders). */
async function warmUp(run: BenchRun, system: BenchSystem) {
  const size = warmUpSize(run)
  const total = size.count / 2
  const { faults } = await claimAll(run, system, { sale: 'warm', total, parts: [{ label: 'warming up', ...size }] })
  return { faults, condition: `After ${size.count} claims of another sale with ${total} vouchers.` }
}

const msText = (ms: number | undefined): string => (ms === undefined ? '–' : `${ms.toFixed(1)} ms`)

const options = {
  durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
  replicas: { about: 'processes of the order core', default: 1 },
} as const

const setupOf = ({ durable, replicas }: { readonly durable: string; readonly replicas: number }) => ({
  ...({ bus: 'redis', durable: durable !== 'off', replicas: { 'order-core': replicas } } as const),
  without: ['payment-worker', 'notifier'] as const,
})

const conditionsOf = (
  { durable, replicas }: { readonly durable: string; readonly replicas: number },
  slowest: OrderReport | undefined,
): readonly string[] => [
  `${replicas} processes of the order core, Postgres waits for the disk: ${durable}.`,
  ...(slowest === undefined
    ? []
    : [
        `The generator took ${generatorShare(slowest).toFixed(2)} of a core, and was late by ${slowest.lateP99Ms.toFixed(1)} ms (p99).`,
      ]),
]

const ramp: Seed = { name: 'l8', shop: 'E', about: 'coupons are claimed at 1 to 300 a second and back, five minutes' }

const rampBench = defineBench({
  name: ramp.name,
  about: aboutSeed(ramp),
  group: 'seeds',
  needs: [],
  options: { seconds: { about: 'seconds of the load', default: 300, small: 7 }, ...options },
  run: (run) =>
    withSystem(run, setupOf(run.values), async (system) => {
      const warm = await warmUp(run, system)
      const seconds = run.values.seconds / RATES.length
      const parts = RATES.map((perSecond) => ({
        ...{ label: `${perSecond} a second`, count: Math.ceil(perSecond * seconds), connections: 64, perSecond },
      }))
      const total = parts.reduce((sum, { count }) => sum + count, 0)
      const { reports, faults } = await claimAll(run, system, { sale: ramp.name, total, parts })
      const peak = reports[PEAK]
      const compared: Compared[] = [
        { what: 'p95 of a claim at the peak', theirs: '12.8 ms at 165/s', ours: `${msText(peak?.p95Ms)} at 300/s` },
        { what: 'claims accepted', theirs: 'every one', ours: `${countOf(reports, '201')} of ${total}` },
      ]
      return seedResult(ramp, {
        compared,
        thresholds: [
          below(12, {
            what: 'p95 of a claim at 300/s',
            value: peak?.p95Ms ?? 0,
            digits: 1,
            unit: ' ms',
            kind: 'absolute',
          }),
        ],
        faults: [...warm.faults, ...faults, ...system.deaths().map(({ name }) => `${name} died`)],
        more: table(
          ['claims a second', 'p50', 'p95', 'p99'],
          reports.map((each, part) => [
            `${RATES[part]}`,
            ...[each.p50Ms, each.p95Ms, each.p99Ms].map((ms) => msText(ms)),
          ]),
        ),
        conditions: [...conditionsOf(run.values, peak), warm.condition],
        details: { reports },
      })
    }),
})

const rush: Seed = { name: 'l9', shop: 'E', about: '1,000 coupons, 300 and then 10,000 buyers at once' }

const rushBench = defineBench({
  name: rush.name,
  about: aboutSeed(rush),
  group: 'seeds',
  needs: [],
  options: {
    coupons: { about: 'vouchers of the campaign', default: 1_000, small: 100 },
    buyers: { about: 'buyers of the second rush, who claim one each', default: 10_000, small: 400 },
    connections: { about: 'connections that the buyers share', default: 64 },
    ...options,
  },
  run: (run) =>
    withSystem(run, setupOf(run.values), async (system) => {
      const { coupons, buyers, connections } = run.values
      const warm = await warmUp(run, system)
      const first = Math.ceil(buyers * 0.03)
      const rushes = []
      for (const count of [first, buyers]) {
        const parts = [{ label: `${count} buyers`, count, connections }]
        rushes.push(await claimAll(run, system, { sale: `${rush.name}-${count}`, total: coupons, parts }))
      }
      const [, large] = rushes.map(({ reports }) => reports[0])
      const refusalMs = large?.p95MsByStatus['409'] ?? Number.NaN
      const got = rushes.map(({ reports }) => countOf(reports, '201'))
      return seedResult(rush, {
        compared: [
          {
            what: 'coupons issued',
            theirs: 'exact (claimed)',
            ours: `${got[0]} to ${first} buyers; ${got[1]} to ${buyers}, one each`,
          },
          { what: 'seconds of the second rush', theirs: '1', ours: ((large?.elapsedMs ?? 0) / 1_000).toFixed(2) },
          { what: 'p50 / p95 of a response', theirs: '–', ours: `${msText(large?.p50Ms)} / ${msText(large?.p95Ms)}` },
          { what: 'p95 of a claim that gets a coupon', theirs: '–', ours: msText(large?.p95MsByStatus['201']) },
        ],
        thresholds: [
          below(20, { what: 'p95 of a refusal', value: refusalMs, digits: 1, unit: ' ms', kind: 'absolute' }),
        ],
        faults: [
          ...[...warm.faults, ...rushes.flatMap((each) => each.faults)],
          ...(large !== undefined && failuresOf(large) > 0 ? [`${failuresOf(large)} claims failed`] : []),
          ...system.deaths().map(({ name }) => `${name} died`),
        ],
        conditions: [
          `The buyers share ${connections} connections; each connection sends the next claim as soon as the last one is answered. Nine of ten responses of the second rush are refusals.`,
          ...conditionsOf(run.values, large),
          warm.condition,
        ],
        details: { rushes },
      })
    }),
})

export const voucherSeedBenches: readonly Bench[] = [rampBench, rushBench]
