import { hostname } from 'node:os'
import { type About, ownRoutes } from '@floodgate/contracts'
import { AppError, type Retention } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { VERSION } from '../openapi/document.ts'
import { NO_STORE } from '../responses/no-store.ts'
import { handle } from '../routes/handle.ts'
import type { Route } from '../routes/route.ts'

const SECOND = 1_000
const RETRY_SECONDS = 5
const FIGURES = {
  outboxUnsent: 'floodgate_outbox_unsent',
  outboxOldestSeconds: 'floodgate_outbox_oldest_age_seconds',
  outboxParked: 'floodgate_outbox_parked',
} as const satisfies Record<keyof About['figures'], string>

export interface OwnRouteDeps {
  readonly app: string
  /** Without secrets (`describeSettings`). */
  readonly settings: About['settings']
  readonly metrics: Registry
  readonly retention: Pick<Retention, 'round' | 'oldest'>
  readiness(): Promise<About['readiness']>
  /** Tells whether an error means that the database is unavailable: 503. */
  isUnavailable(error: unknown): boolean
}

/** Serves what every app tells about its process, and its retention. */
export function createOwnRoutes({
  app,
  settings,
  metrics,
  retention,
  readiness,
  isUnavailable,
}: OwnRouteDeps): readonly Route[] {
  return [
    handle(ownRoutes.about, async function tellAbout(_, reply) {
      const nowMs = Date.now()
      const process_ = {
        ...{ app, version: VERSION, node: process.version, process: `${hostname()}:${process.pid}` },
        startedAt: new Date(nowMs - process.uptime() * SECOND).toISOString(),
        now: new Date(nowMs).toISOString(),
      }
      const [ready, figures] = await Promise.all([readiness(), readFigures(metrics)])
      return reply(200, { ...process_, settings, readiness: ready, figures }, NO_STORE)
    }),
    handle(ownRoutes.readRetention, async function readRetention(_, reply) {
      try {
        const tables = await retention.oldest()
        const listed = tables.map(({ table, oldest }) => ({ table, oldest: oldest?.toISOString() ?? null }))
        return reply(200, { app, tables: listed }, NO_STORE)
      } catch (cause) {
        if (!isUnavailable(cause)) throw cause
        throw new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause })
      }
    }),
    handle(ownRoutes.runRetention, async function runRetention(request, reply) {
      await request.body()
      return reply(200, { app, deleted: await retention.round() }, NO_STORE)
    }),
  ]
}

/** Reads the figures that the app has. */
async function readFigures(metrics: Registry): Promise<About['figures']> {
  const read = await Promise.all(
    Object.entries(FIGURES).map(async ([figure, metric]) => {
      const values = (await metrics.getSingleMetric(metric)?.get())?.values ?? []
      return values.length === 0 ? [] : [[figure, Math.max(...values.map(({ value }) => value))] as const]
    }),
  )
  return Object.fromEntries(read.flat())
}
