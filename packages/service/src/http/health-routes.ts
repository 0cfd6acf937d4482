import type { Readiness } from '@floodgate/contracts'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'

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

/** `/livez` (the process answers), `/readyz` (names what is not ready), `/metrics` (Prometheus text). */
export const mountHealth = (
  app: OpenAPIHono,
  { checks, metrics }: { checks: HealthChecks; metrics: Registry },
): void => {
  app.get('/livez', (c) => c.json({ live: true }))
  app.get('/readyz', async (c) => {
    const readiness = await readReadiness(checks)
    return c.json(readiness, readiness.ready ? 200 : 503, { 'cache-control': 'no-store' })
  })
  app.get('/metrics', async (c) => c.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }))
}
