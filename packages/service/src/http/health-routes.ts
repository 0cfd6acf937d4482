import type { Readiness } from '@floodgate/contracts'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import { joinColleagues } from '../workers/colleagues.ts'
import type { Health } from '../workers/health.ts'
import { thisWorker } from '../workers/identity.ts'
import { readMetrics } from '../workers/messages.ts'
import { primaryChannel } from '../workers/primary-channel.ts'

export type HealthCheck = () => Promise<{ ready: boolean; detail?: string }> | { ready: boolean; detail?: string }
export type HealthChecks = Readonly<Record<string, HealthCheck>>

const checkTimeoutMs = 2_000

const runCheck = async (check: HealthCheck) => {
  const timeout = Promise.withResolvers<{ ready: false; detail: string }>()
  const timer = setTimeout(() => timeout.resolve({ ready: false, detail: 'no answer within 2 s' }), checkTimeoutMs)
  try {
    return await Promise.race([Promise.resolve().then(check), timeout.promise])
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

export const readReadiness = async (checks: HealthChecks): Promise<Readiness> => {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
  )
  return { ready: entries.every(([, result]) => result.ready), checks: Object.fromEntries(entries) }
}

/** This process' health, or, in a worker, that of all workers behind its port. */
const healthOf = ({ checks, metrics }: { checks: HealthChecks; metrics: Registry }): Health => {
  const readiness = () => readReadiness(checks)
  if (thisWorker(process.env) === undefined) return { readiness, metrics: () => metrics.metrics() }
  return joinColleagues(primaryChannel, { readiness, metrics: () => readMetrics(metrics) })
}

/**
 * `/livez` (this process answers), `/readyz` (names what is not ready), `/metrics` (Prometheus text). The latter two are
 * about all workers, whichever of them is asked.
 */
export const mountHealth = (app: OpenAPIHono, options: { checks: HealthChecks; metrics: Registry }): void => {
  const health = healthOf(options)
  const { contentType } = options.metrics
  app.get('/livez', (c) => c.json({ live: true }))
  app.get('/readyz', async (c) => {
    const readiness = await health.readiness()
    return c.json(readiness, readiness.ready ? 200 : 503, { 'cache-control': 'no-store' })
  })
  app.get('/metrics', async (c) => c.body(await health.metrics(), 200, { 'content-type': contentType }))
}
