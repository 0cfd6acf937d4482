import { setTimeout as delay } from 'node:timers/promises'
import { caughtMessages } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import type { Pool } from 'pg'
import { auditSale } from '../audit/audit-sale.ts'
import { type BenchRun, defineBench } from '../bench.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf, failuresOf, type OrderReport } from '../order-load/job.ts'
import { faults } from '../report/faults.ts'
import { below } from '../report/thresholds.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { mailFaults } from './mail-faults.ts'
import { aboutSeed, type Seed, seedResult } from './seed.ts'
import { warmUp, warmUpSize } from './warm-up.ts'

const ASKED = 'l5-asked'
const ORDERED = 'l5-ordered'
const WARM = 'l5-warm'
/** Time for requests to start that find every connection busy. */
const START_SECONDS_MAX = 60
const SECOND = 1_000
const MINUTE = 60 * SECOND
/** Less than the time of a reminder before the opening: the mails are due as soon as they are asked for. */
const OPENS_AFTER_MS = 5 * MINUTE
const OPENS_LATER_MS = 24 * 60 * MINUTE
const POLL_MS = 500
const STILL_MS_MAX = 60 * SECOND
/** Time in which a mail that was sent twice would show: more than the mail server takes. */
const STILL_MS_AFTER = 5 * SECOND

const seed: Seed = {
  name: 'l5',
  shop: 'B',
  about: '100 mails are requested at once, from a mail server that takes 3 s each',
}

/** Lets buyers request mails while the mail server is slow: by asking for a reminder, then by ordering. */
export const mailSeedBench = defineBench({
  name: seed.name,
  about: aboutSeed(seed),
  group: 'seeds',
  needs: [],
  options: {
    mails: { about: 'buyers, who each get one mail', default: 100, small: 20 },
    products: { about: 'products that they order, in turn', default: 100, small: 20 },
    over: { about: 'seconds in which they ask; at 95.7/s the shop took one', default: 1 },
    'mail-ms': { about: 'milliseconds that the mail server takes for a mail', default: 3_000, small: 300 },
    durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: (run) => {
    const { mails, products, over, 'mail-ms': mailMs, durable } = run.values
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    const perSecond = mails / over
    const load: Load = { count: mails, connections: mails, perSecond, secondsMax: over + START_SECONDS_MAX }
    const environment = { notifier: { REMINDERS_PER_SECOND: '0' } }
    return withSystem(run, { bus, durable: durable !== 'off', environment }, async (system) => {
      const pool = createPool(system.databaseUrl, { max: 1 })
      try {
        const warm = await warmUp(run, { system, pool, paid: true, perSecond })
        await askForReminders(run, { system, pool, sale: WARM, opensAfterMs: OPENS_LATER_MS, load: warmUpSize(run) })
        await untilMailed(run, system, warm)
        await slowMail(system.urls.mail, mailMs)

        const asked = await mailed(run, { system, mails }, () =>
          askForReminders(run, { system, pool, sale: ASKED, opensAfterMs: OPENS_AFTER_MS, load }),
        )
        const ordered = await mailed(run, { system, mails }, () => order(run, { system, products, load }))
        const audit = await auditSale(system, { sale: ORDERED, sold: mails, paidElsewhere: warm })
        return seedResult(seed, {
          compared: [
            { what: 'mean response to a request for a mail', theirs: '12 ms', ours: `${ms(asked.report.meanMs)} ms` },
            { what: 'p50 / p95 of such a response', theirs: '–', ours: middleAndTail(asked.report) },
            { what: 'requests/s', theirs: '95.7', ours: (mails / (asked.report.elapsedMs / SECOND)).toFixed(1) },
            { what: 'mails delivered, once each', theirs: '–', ours: deliveryOf(asked, mails) },
            {
              what: 'mean / p50 / p95 of a response to an order, which is mailed once it is paid',
              theirs: '–',
              ours: `${ms(ordered.report.meanMs)} / ${middleAndTail(ordered.report)}`,
            },
            { what: 'their mails delivered, once each', theirs: '–', ours: deliveryOf(ordered, mails) },
          ],
          thresholds: [
            below(12, {
              ...{ what: 'p95 of a response to a request for a mail', value: asked.report.p95Ms },
              ...{ digits: 1, unit: ' ms', kind: 'absolute' },
            }),
          ],
          faults: [
            ...loadFaults('requests for a mail', asked, { accepted: asked.report.statuses['202'] ?? 0, mails }),
            ...loadFaults('orders', ordered, { accepted: acceptedOf(ordered.report), mails }),
            ...audit,
            ...system.deaths().map(({ name }) => `${name} died`),
          ],
          conditions: [
            `Two loads, one after the other, each arriving evenly within ${over} s, whatever the responses do. First buyers ask for a mail before a sale opens, which is due at once. Then buyers order; an order is also held, paid and confirmed before its mail.`,
            `One process of each app, events by ${bus}, Postgres waits for the disk: ${durable}. After ${warm} orders and as many requests for mails of other sales, the last quarter of the orders at the same rate.`,
            `The generator was late by ${ms(asked.report.lateP99Ms)} and ${ms(ordered.report.lateP99Ms)} ms (p99).`,
          ],
          details: { asked: timesOf(asked), ordered: timesOf(ordered) },
        })
      } finally {
        await pool.end()
      }
    })
  },
})

interface Load {
  readonly count: number
  readonly connections: number
  readonly perSecond?: number
  readonly secondsMax?: number
}

/** A load, and the mails that followed. */
interface Mailed {
  readonly report: OrderReport
  readonly recipients: readonly string[]
  /** From the first request to the last mail. */
  readonly mailedSeconds: number
}

const ms = (value: number): string => value.toFixed(1)
const middleAndTail = ({ p50Ms, p95Ms }: OrderReport): string => `${ms(p50Ms)} / ${ms(p95Ms)} ms`
const timesOf = ({ report, mailedSeconds }: Mailed) => ({ report, mailedSeconds })
const deliveryOf = ({ recipients, mailedSeconds }: Mailed, mails: number): string =>
  `${new Set(recipients).size} of ${mails}, after ${mailedSeconds.toFixed(0)} s`

/** Sends a load and waits for its mails. */
async function mailed(
  run: BenchRun,
  { system, mails }: { readonly system: BenchSystem; readonly mails: number },
  send: () => Promise<OrderReport>,
): Promise<Mailed> {
  await emptyInbox(system.urls.mail)
  const startedAt = performance.now()
  const report = await send()
  run.progress('waiting for the mails')
  await untilMailed(run, system, mails)
  const mailedSeconds = (performance.now() - startedAt) / SECOND
  // Read once more: a second mail to a buyer may follow the first.
  await delay(STILL_MS_AFTER, undefined, { signal: run.signal })
  return { report, mailedSeconds, recipients: await untilMailed(run, system, mails) }
}

/** Lets buyers ask for a mail before a sale opens. */
async function askForReminders(
  run: BenchRun,
  {
    system,
    pool,
    sale,
    opensAfterMs,
    load,
  }: {
    readonly system: BenchSystem
    readonly pool: Pool
    readonly sale: string
    readonly opensAfterMs: number
    readonly load: Load
  },
): Promise<OrderReport> {
  await system.operator.createSale(sale, { opensAt: new Date(Date.now() + opensAfterMs).toISOString() })
  await untilKnown(pool, sale, run.signal)
  run.progress(`${load.count} requests for a mail`)
  const job = { urls: [...system.urlsOf('notifier')], reminders: { sale, label: sale } }
  return driveOrders({ ...job, secondsMax: START_SECONDS_MAX, ...load }, run)
}

/** Lets buyers order. */
async function order(
  run: BenchRun,
  { system, products, load }: { readonly system: BenchSystem; readonly products: number; readonly load: Load },
): Promise<OrderReport> {
  const items = Array.from({ length: products }, (_, index) => ({ ...oneItem(load.count), sku: `SKU-${index + 1}` }))
  await system.operator.openSale(ORDERED, { admitPerSecond: 1, maxActive: 1, items })
  run.progress(`${load.count} orders`)
  const series = { dataDir: system.dataDir, sale: ORDERED, skus: items.map(({ sku }) => sku), label: ORDERED }
  return driveOrders({ urls: [...system.urlsOf('order-core')], series, secondsMax: START_SECONDS_MAX, ...load }, run)
}

function loadFaults(
  what: string,
  { report, recipients }: Mailed,
  { accepted, mails }: { readonly accepted: number; readonly mails: number },
): string[] {
  return [
    ...faults([
      [accepted !== mails, `${accepted} of ${mails} ${what} were accepted`],
      [failuresOf(report) > 0, `${failuresOf(report)} ${what} failed`],
    ]),
    ...mailFaults(recipients, mails).map((fault) => `${what}: ${fault}`),
  ]
}

/** Resolves once the notifier knows a sale. */
async function untilKnown(pool: Pool, sale: string, signal: AbortSignal): Promise<void> {
  while ((await pool.query('select from notices.sales where id = $1', [sale])).rowCount === 0)
    await delay(POLL_MS, undefined, { signal })
}

async function slowMail(url: string, delayMs: number): Promise<void> {
  const response = await fetch(`${url}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode: 'slow', delayMs }),
  })
  if (!response.ok) throw new Error(`The mail catcher rejected the behaviour: ${response.status}`)
}

async function emptyInbox(url: string): Promise<void> {
  await fetch(`${url}/messages`, { method: 'DELETE' })
}

/** Resolves to the recipients of all mails once there are enough, or when none has arrived for a minute. */
async function untilMailed(
  { signal }: Pick<BenchRun, 'signal'>,
  { urls }: BenchSystem,
  mails: number,
): Promise<readonly string[]> {
  let seen = 0
  for (let movedAt = performance.now(); ; ) {
    const { messages } = caughtMessages.parse(await (await fetch(`${urls.mail}/messages`)).json())
    if (messages.length >= mails || performance.now() - movedAt > STILL_MS_MAX) return messages.map(({ to }) => to)
    if (messages.length > seen) movedAt = performance.now()
    seen = messages.length
    await delay(POLL_MS, undefined, { signal })
  }
}
