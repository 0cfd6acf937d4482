import type { HealthChecks } from '@floodgate/http'
import type { Pool } from 'pg'
import type { TickFailures } from './admission/tick-failures.ts'
import type { Ticker } from './admission/ticker.ts'
import type { RoomBus } from './bus.ts'
import { type LineRedis, redisUnavailable } from './redis/line-redis.ts'

/** A sale at rest is ticked once a second: a tick is at most a second late. */
const TICK_SILENCE_MS_MAX = 2_000

export interface HealthDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly bus: Pick<RoomBus, 'health'>
  readonly ticker: Pick<Ticker, 'lastTickAgeMs'>
  readonly failures: Pick<TickFailures, 'detail'>
}

/** Builds the checks, without which the process is not ready, and the reports, without which the line continues. */
export function createHealth({ line, pool, bus, ticker, failures }: HealthDeps): {
  readonly checks: HealthChecks
  readonly reports: HealthChecks
} {
  return {
    checks: {
      redis: async () => {
        if (!line.isConnected()) throw redisUnavailable()
        return { ready: (await line.redis.ping()) === 'PONG' }
      },
      ticker: () => {
        if (ticker.lastTickAgeMs() > TICK_SILENCE_MS_MAX)
          return { ready: false, detail: 'no tick reached Redis lately' }
        return { ready: true }
      },
    },
    reports: {
      postgres: async () => {
        await pool.query('select version from rooms.sales limit 0')
        return { ready: true }
      },
      bus: () => bus.health(),
      // Sales whose scripts fail, even all of them: buyers keep their places and can be served.
      ticks: () => {
        const detail = failures.detail()
        return { ready: detail === undefined, ...(detail === undefined ? {} : { detail }) }
      },
    },
  }
}
