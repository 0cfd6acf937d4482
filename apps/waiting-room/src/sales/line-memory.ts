import type { RunIdGuard } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Registry } from '../processes/registry.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import { createRecentActs, type RecentActs } from './recent-acts.ts'
import { createRestartReporter, type RestartReporter } from './restart-reporter.ts'
import type { SaleCache } from './sale-cache.ts'

/** What this process remembers of its lines: after each loss of Redis it tells and restores it (ADR 0020, 0023). */
export interface LineMemory {
  readonly restartReporter: RestartReporter
  readonly recentActs: RecentActs
  stop(): Promise<void>
}

export function createLineMemory(deps: {
  readonly line: LineRedis
  readonly guard: Pick<RunIdGuard, 'onRestart'>
  readonly registry: Pick<Registry, 'lastBeat'>
  /** The name of this process in the registry. */
  readonly process: string
  readonly sales: Pick<SaleCache, 'ids'>
  readonly log: Logger
  /** Called when acts were restored: an account among them may have been revoked meanwhile. */
  onRestored(): void
}): LineMemory {
  const { line, guard, registry, log, onRestored } = deps
  const restartReporter = createRestartReporter({ ...deps, sales: deps.sales.ids })
  const recentActs = createRecentActs({ line, log, lastSeenMs: () => registry.lastBeat().atMs, onRestored })
  guard.onRestart(restartReporter.restarted)
  guard.onRestart(recentActs.restarted)
  return {
    restartReporter,
    recentActs,
    async stop() {
      await Promise.all([restartReporter.stop(), recentActs.stop()])
    },
  }
}
