import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DASHBOARDS } from '@floodgate/dev/dashboards'
import { operationsFolder, readRules, rulesText, ruleTestFiles } from '@floodgate/dev/observability'
import { runPromtool } from '@floodgate/local-servers'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { coat } from '../client/coats.ts'
import { startShop } from '../client/shop-endpoint.ts'
import { goShopping } from '../client/shopper.ts'
import { withSystem } from '../client/test-system.ts'
import { fillInQuery, operandsOf, shortenRules } from './expressions.ts'
import { ROUNDS } from './faults.ts'
import { startWatcher, type Watcher } from './prometheus.ts'

const BUYERS = 40
const UNITS = 25
const SALE = 'watched'

const shop = await startShop()
shop.take()
afterAll(() => shop.stop())

const testSystem = withSystem({
  replicas: { 'waiting-room': 2 },
  environment: {
    'order-core': { WORKERS: '2', PAYMENT_CALM_SECONDS: '10' },
    'payment-worker': { MONEY_CHECK_SECONDS: '2', BREAKER_FAILURES: '2', GATEWAY_TRIES: '1' },
    notifier: shop.settings,
  },
})
let watcher: Watcher
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-alerts-'))
  watcher = await startWatcher(testSystem().system, directory)
})
afterAll(async () => {
  await watcher?.server.stop()
  await rm(directory, { recursive: true, force: true })
})

test('Prometheus accepts the rules, and each alert passes its unit tests', async () => {
  expect(await runPromtool(['check', 'rules', join(operationsFolder, 'rules', 'floodgate.yml')])).toContain('SUCCESS')
  await runPromtool(['test', 'rules', ...ruleTestFiles()])
})

test('a sale that goes well fires no alert', async () => {
  const { operator, buyer, system } = testSystem()
  const startedMs = Date.now()
  await operator.openSale(SALE, { items: [coat(UNITS, 1)], admitPerSecond: 10, maxActive: 30 })
  const visits = await Promise.all(
    Array.from({ length: BUYERS }, (_, index) =>
      goShopping(buyer(`${SALE}-${index}`, SALE), { paymentMethod: index % 10 === 0 ? 'sim_declined' : 'sim_ok' }),
    ),
  )
  expect(visits.filter(({ outcome }) => outcome === 'confirmed')).toHaveLength(UNITS)
  // One rejection by a limit, so that its counter exists.
  const headers = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`x-${index}`, '1']))
  expect((await fetch(`${system.urls.waitingRoom}/sales/${SALE}/board`, { headers })).status).toBe(431)
  await eventually(async () => expect(await watcher.countSeries('floodgate_money_check_timestamp_seconds')).toBe(1))
  expect(await watcher.firedSince(startedMs)).toEqual([])
})

const rounds = ROUNDS.map((faults) => ({ faults, named: faults.map(({ what }) => what).join(', and ') }))

test.each(rounds)('$named: the alert of each fires, and no other', async ({ faults }) => {
  await watcher.untilNoneFires()
  const startedMs = Date.now()
  await Promise.all(faults.map(({ alert, during }) => during(testSystem(), () => watcher.untilFiring(alert))))
  await watcher.untilNoneFires()
  const expected = faults.map(({ alert }) => alert)
  expect(await watcher.firedSince(startedMs, expected)).toEqual(expected.toSorted())
})

test('every panel has a series', async () => {
  const queries = Object.values(DASHBOARDS).flatMap(({ title, rows }) =>
    rows.flatMap(({ stats = [], panels = [] }) =>
      [...stats, ...panels].flatMap((panel) =>
        panel.queries.map(({ expr }) => ({ what: `${title}: ${panel.title}`, expr: fillInQuery(expr) })),
      ),
    ),
  )
  expect(await withoutSeries(queries)).toEqual([])
})

/** Labels of counters whose first event needs a process to be overloaded for seconds. */
const RARE = /limit=~"[^"]*"/
/** Metrics of what is off by default. */
const OFF = /floodgate_spans_/

test('every expression of a rule has a series, without its threshold', async () => {
  const rules = readRules(shortenRules(rulesText()))
  const expressions = rules.flatMap((rule) =>
    operandsOf(rule)
      .filter((expr) => !OFF.test(expr))
      .map((expr) => ({ what: rule.alert ?? rule.record ?? '', expr: expr.replace(RARE, '') })),
  )
  expect(await withoutSeries(expressions)).toEqual([])
})

async function withoutSeries(queries: readonly { readonly what: string; readonly expr: string }[]): Promise<string[]> {
  const counts = await Promise.all(queries.map(({ expr }) => watcher.countSeries(expr)))
  return queries.flatMap(({ what, expr }, index) => (counts[index] === 0 ? [`${what}: ${expr}`] : []))
}
