import type { Readiness } from '@floodgate/contracts'
import { failingOf, healthOf } from '@floodgate/runtime'
import type { Hono } from 'hono'
import { Gauge, type Registry } from 'prom-client'
import { NO_STORE } from '../responses/no-store.ts'

export type HealthCheck = () => Promise<{ ready: boolean; detail?: string }> | { ready: boolean; detail?: string }
export type HealthChecks = Readonly<Record<string, HealthCheck>>

export interface HealthOptions {
  readonly metrics: Registry
  /** Parts that this process cannot serve without: a failure makes it not ready. */
  readonly checks: HealthChecks
  /** Parts that it can do without for a while: a failure is reported as degraded. */
  readonly reports?: HealthChecks
  isStopping?(): boolean
}

const CHECK_MS_MAX = 2_000
/** A Kubernetes probe gives up after a second: a check that only degrades must not take longer. */
const REPORT_MS_MAX = 600

const runCheck = async (check: HealthCheck, msMax: number): Promise<{ ready: boolean; detail?: string }> => {
  const timeout = Promise.withResolvers<{ ready: false; detail: string }>()
  const timer = setTimeout(
    () => timeout.resolve({ ready: false, detail: `no response within ${msMax / 1_000} s` }),
    msMax,
  )
  try {
    return await Promise.race([Promise.resolve().then(check), timeout.promise])
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

const runChecks = async (checks: HealthChecks, msMax: number): Promise<Readiness['checks']> => {
  const results = Object.entries(checks).map(async ([name, check]) => {
    const { ready, detail } = await runCheck(check, msMax)
    // Checks report more about themselves; the contract has these two fields.
    return [name, { ready, ...(detail !== undefined && { detail }) }] as const
  })
  return Object.fromEntries(await Promise.all(results))
}

/** Reads whether this process can serve, and which optional parts are missing. */
export async function readReadiness({
  checks,
  reports = {},
  isStopping,
}: Omit<HealthOptions, 'metrics'>): Promise<Readiness> {
  if (isStopping?.() === true)
    return { ready: false, degraded: [], checks: { process: { ready: false, detail: 'stopping' } } }
  const [gating, reported] = await Promise.all([runChecks(checks, CHECK_MS_MAX), runChecks(reports, REPORT_MS_MAX)])
  return {
    ready: failingOf(gating).length === 0,
    degraded: failingOf(reported),
    checks: { ...gating, ...reported },
  }
}

/**
 * Registers `floodgate_check_failing`: each check of the readiness as a series, 1 while it fails. The checks run at each
 * scrape, for 0.6 s at most, because the primary of several workers waits for 0.8 s.
 */
function gaugeChecks({ metrics, checks, reports, isStopping }: HealthOptions): void {
  new Gauge({
    name: 'floodgate_check_failing',
    help: 'Whether a check of the readiness fails: 0 or 1',
    labelNames: ['check'],
    aggregator: 'max',
    registers: [metrics],
    async collect() {
      if (isStopping?.() === true) return
      for (const [check, { ready }] of Object.entries(await runChecks({ ...checks, ...reports }, REPORT_MS_MAX)))
        this.set({ check }, ready ? 0 : 1)
    },
  })
}

/**
 * Mounts `/readyz` (200 when this app can serve, with what is degraded; else 503 with what is missing; by the same rule
 * 204 or 503 for the `OPTIONS` of a load balancer) and `/metrics` (Prometheus text). Both cover all workers, whichever
 * of them gets the request.
 */
export function mountHealth(app: Hono, options: HealthOptions): void {
  gaugeChecks(options)
  const health = healthOf({ metrics: options.metrics, readiness: () => readReadiness(options) })
  const { contentType } = options.metrics
  app.on(['GET', 'OPTIONS'], '/readyz', async (c) => {
    const readiness = await health.readiness()
    if (c.req.method === 'OPTIONS' && readiness.ready) return c.body(null, 204, { allow: 'GET, HEAD, OPTIONS' })
    return c.json(readiness, readiness.ready ? 200 : 503, NO_STORE)
  })
  app.get('/metrics', async (c) => c.body(await health.metrics(), 200, { 'content-type': contentType }))
}
