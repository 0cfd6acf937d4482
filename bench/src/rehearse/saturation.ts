import type { Timing } from '@floodgate/crowd'
import type { AppSample, Sample } from './sample.ts'

/** A saturated resource, and since when. */
export interface Saturation {
  readonly atMs: number
  readonly what: string
}

const LOOP_BUSY = 0.9
const P95_MS = 50
const P95_GROWTH = 3
const TICK_MS = 25
/** A whole batch is queued behind the one being written. */
const QUEUED_ORDERS = 256
/** From here on charges queue for the rate of the provider, and orders are confirmed that much later. */
const PACE_MS = 500
/** The delay of the generator from which its own measurements are unreliable. */
const GENERATOR_LATE_MS = 100
/** A percentile of fewer requests means nothing. */
const REQUESTS_MIN = 20

/** Returns every saturated resource, the first of each kind, in order of time. Pure. */
export function findSaturation(
  samples: readonly Sample[],
  { maxActive }: { readonly maxActive: number },
): Saturation[] {
  const found = new Map<string, Saturation>()
  const usual = new Map<string, number>()
  const note = (kind: string, atMs: number, what: string): void => {
    if (!found.has(kind)) found.set(kind, { atMs, what })
  }
  for (const { atMs, apps, counts } of samples) {
    if (counts !== undefined && counts.active >= maxActive && counts.waiting > 0)
      note('slots', atMs, `the slots: ${counts.active} buyers were inside, as many as the sale allows`)
    for (const app of apps) {
      for (const { kind, what } of pressureOn(app, usual.get(app.app))) note(`${app.app} ${kind}`, atMs, what)
      if (!usual.has(app.app) && app.requests >= REQUESTS_MIN) usual.set(app.app, app.p95Ms)
    }
  }
  return [...found.values()].toSorted((one, other) => one.atMs - other.atMs)
}

function* pressureOn(
  sample: AppSample,
  usualP95Ms: number | undefined,
): Generator<{ readonly kind: string; readonly what: string }> {
  const { app, loopUtilization = 0, tickP95Ms = 0, queuedOrders = 0, serverErrors, p95Ms, requests } = sample
  const { paceP95Ms = 0, limitedCalls = 0 } = sample
  if (paceP95Ms >= PACE_MS)
    yield {
      kind: 'pace',
      what: `the payment provider's rate: charges waited ${ms(paceP95Ms)} (p95) for PROVIDER_WRITES_PER_SECOND_MAX`,
    }
  if (limitedCalls > 0)
    yield {
      kind: 'limited',
      what: `the payment provider itself: it rejected ${limitedCalls} calls as too many; set PROVIDER_WRITES_PER_SECOND_MAX to its limit`,
    }
  if (loopUtilization >= LOOP_BUSY)
    yield { kind: 'loop', what: `the ${app}'s event loop, ${Math.round(loopUtilization * 100)} % busy: more processes` }
  if (queuedOrders >= QUEUED_ORDERS)
    yield { kind: 'queue', what: `the order core's commits: ${queuedOrders} orders waited for Postgres` }
  if (tickP95Ms >= TICK_MS)
    yield { kind: 'tick', what: `Redis, or the way to it: the ${app}'s tick took ${Math.round(tickP95Ms)} ms (p95)` }
  if (serverErrors > 0) yield { kind: 'errors', what: `the ${app} itself: ${serverErrors} responses were 5xx` }
  if (usualP95Ms !== undefined && requests >= REQUESTS_MIN && p95Ms >= Math.max(P95_MS, P95_GROWTH * usualP95Ms))
    yield { kind: 'p95', what: `the ${app}'s responses: p95 grew from ${ms(usualP95Ms)} to ${ms(p95Ms)}` }
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

/** Tells whether the load generator itself was too late to judge the deployment. Pure. */
export function isGeneratorLate(generator: Pick<Timing, 'p99'>): boolean {
  return generator.p99 >= GENERATOR_LATE_MS
}
