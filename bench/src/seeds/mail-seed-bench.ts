import { setTimeout as delay } from 'node:timers/promises'
import { caughtMessages } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { auditSale } from '../audit/audit-sale.ts'
import { defineBench } from '../bench.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf, failuresOf } from '../order-load/job.ts'
import { faults } from '../report/faults.ts'
import { below } from '../report/thresholds.ts'
import { oneItem } from '../system/operator.ts'
import { withSystem } from '../system/system.ts'
import { mailFaults } from './mail-faults.ts'
import { aboutSeed, type Seed, seedResult } from './seed.ts'
import { warmUp } from './warm-up.ts'

const SALE = 'l5'
/** Time for requests to start that find every connection busy. */
const START_SECONDS_MAX = 60
const SECOND = 1_000
const POLL_MS = 500
const STILL_MS_MAX = 60 * SECOND

const seed: Seed = {
  name: 'l5',
  shop: 'B',
  about: '100 mails are requested at once, from a mail server that takes 3 s each',
}

/** Lets buyers request mails by ordering, while the mail server is slow. */
export const mailSeedBench = defineBench({
  name: seed.name,
  about: aboutSeed(seed),
  group: 'seeds',
  needs: [],
  options: {
    mails: { about: 'buyers, who each get one mail', default: 100, small: 20 },
    products: { about: 'products that they order, in turn', default: 100, small: 20 },
    over: { about: 'seconds in which they order; at 95.7/s the shop took one', default: 1 },
    'mail-ms': { about: 'milliseconds that the mail server takes for a mail', default: 3_000, small: 300 },
    durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: (run) => {
    const { mails, products, over, 'mail-ms': mailMs, durable } = run.values
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    return withSystem(run, { bus, durable: durable !== 'off' }, async (system) => {
      const { directory, signal } = run
      const pool = createPool(system.databaseUrl, { max: 1 })
      const warm = await warmUp(run, { system, pool, paid: true, perSecond: mails / over }).finally(() => pool.end())
      const mailedAfter = (count: number) => untilMailed(system.urls.mail, { mails: count, signal })
      await mailedAfter(warm)
      await emptyInbox(system.urls.mail)
      await slowMail(system.urls.mail, mailMs)
      const items = Array.from({ length: products }, (_, index) => ({ ...oneItem(mails), sku: `SKU-${index + 1}` }))
      await system.operator.openSale(SALE, { admitPerSecond: 1, maxActive: 1, items })
      const series = { dataDir: system.dataDir, sale: SALE, skus: items.map(({ sku }) => sku), label: SALE }
      const job = { urls: [...system.urlsOf('order-core')], series, count: mails, connections: mails }
      run.progress(`${mails} orders within ${over} s`)
      const startedAt = performance.now()
      const report = await driveOrders(
        { ...job, perSecond: mails / over, secondsMax: over + START_SECONDS_MAX },
        { directory, signal },
      )
      run.progress('waiting for the mails')
      await mailedAfter(mails)
      const mailedSeconds = (performance.now() - startedAt) / SECOND
      const audit = await auditSale(system, { sale: SALE, sold: mails, paidElsewhere: warm })
      // Read once more at the end: a second mail to a buyer may follow the first.
      const recipients = await mailedAfter(mails)
      return seedResult(seed, {
        compared: [
          { what: 'mean response', theirs: '12 ms', ours: `${report.meanMs.toFixed(1)} ms` },
          {
            what: 'p50 / p95 of a response',
            theirs: '–',
            ours: `${report.p50Ms.toFixed(1)} / ${report.p95Ms.toFixed(1)} ms`,
          },
          { what: 'requests/s', theirs: '95.7', ours: (acceptedOf(report) / (report.elapsedMs / SECOND)).toFixed(1) },
          {
            what: 'mails delivered, once each',
            theirs: '–',
            ours: `${new Set(recipients).size} of ${mails}, after ${mailedSeconds.toFixed(0)} s`,
          },
        ],
        thresholds: [
          below(12, { what: 'p95 of a response', value: report.p95Ms, digits: 1, unit: ' ms', kind: 'absolute' }),
        ],
        faults: [
          ...faults([
            [acceptedOf(report) !== mails, `${acceptedOf(report)} of ${mails} orders were accepted`],
            [failuresOf(report) > 0, `${failuresOf(report)} requests failed`],
          ]),
          ...mailFaults(recipients, mails),
          ...audit,
          ...system.deaths().map(({ name }) => `${name} died`),
        ],
        conditions: [
          `Here a buyer requests the mail by an order, which is also held, paid and confirmed. The orders arrive evenly within ${over} s, whatever the responses do.`,
          `One process of each app, events by ${bus}, Postgres waits for the disk: ${durable}. After ${warm} orders of another sale, the last quarter of them at the same rate.`,
          `The generator was late by ${report.lateP99Ms.toFixed(1)} ms (p99).`,
        ],
        details: { report, mailedSeconds },
      })
    })
  },
})

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
  url: string,
  { mails, signal }: { readonly mails: number; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  let seen = 0
  for (let movedAt = performance.now(); ; ) {
    const { messages } = caughtMessages.parse(await (await fetch(`${url}/messages`)).json())
    if (messages.length >= mails || performance.now() - movedAt > STILL_MS_MAX) return messages.map(({ to }) => to)
    if (messages.length > seen) movedAt = performance.now()
    seen = messages.length
    await delay(POLL_MS, undefined, { signal })
  }
}
